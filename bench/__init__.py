"""`make bench`: what the plugin costs, each figure beside its limit in the same run.

Nothing here decides about a build. A limit is shown beside what was measured, because a clock on a machine that has
other things to do proves nothing; only a measure that could not be taken ends with an error.
"""
