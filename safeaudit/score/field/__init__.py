"""What streets may be like where nobody was: a Gaussian field on the street graph, and what the map says of them.

`streets.py` is the graph and the field, `answers.py` what auditors said of each place, `covariates.py` what the map
says, `models.py` how well each field explains the answers, `estimates.py` what follows for the others. Whether any of
it is told is decided in `score/skill.py`.
"""
