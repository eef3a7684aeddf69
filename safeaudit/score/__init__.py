"""A place's value and interval, and later skill, agreement, groups, change and priorities."""
