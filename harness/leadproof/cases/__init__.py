"""Cases: record what happened, replay it anywhere, know whether it is fixed.

`record_scenario` makes a case, `read_case` and `Case.write` are the file, `replay_all` judges.
"""
