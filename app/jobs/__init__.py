"""Work that can wait, one job a file, each with run(). schedule.py is the whole timetable."""
