"""Codes whose example is still told in words; most of them are emitted by tests of their own rooms."""

from __future__ import annotations

_NUMBERS = {
    "ASG": "210",
    "CFG": "839 843 880 881 882 883 884 885 886 887",
    "CON": "104 120 121 122",
    "CYC": "604 606 607 609 610 611 634 640 641 642 643 644",
    "MAP": "314 321",
    "NET": "102 103 104 108",
    "REF": "700 704",
    "RUN": "806 807 809 813 814 815 816 818 822 823 824 825 826 840",
    "SIM": "902 904",
}
WORDS_ONLY = frozenset(family + number for family, numbers in _NUMBERS.items() for number in numbers.split())
