"""Brings the tree of a page into the form that extraction reads: no word is lost, and none is glued to another.

trafilatura deletes or overlooks elements by their tag. Here a tag does not decide: what stands in a running sentence is
text, and so is the container that holds the article. `prepare.py` has the order of the steps.
"""
