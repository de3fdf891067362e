"""Recurring plans.

looking    every date of a plan before it is confirmed: free, another worker, another time, ...
openings   when somebody could come on those days and near them
making     a plan from what was looked at
ahead      the job: new dates, orders for those that come near, what cannot be served is told
dates      one date: skip, put back, shift
ending     cancel one date, this and later, or all, for what the preview showed
changing   this and later in another way
pausing    pause and resume
story      what happened to a plan
"""
