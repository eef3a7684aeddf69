"""safeaudit: where people find public space unsafe, what is wrong there, and who can mend it."""
