"""The handling of remarks: one list over all rounds, and the page of one remark."""
