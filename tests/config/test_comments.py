"""The comments beside the keys of an option."""

from __future__ import annotations

from toonvision.config.comments import Comment, comments

TEXT = """\
# What it is for.
_target_: my_package.Mine # no argument
text: 'a # b' # of it
list: [1, 2] # of two
below: # a mapping
  # above a key
  name: 5
  other: # another
    - 1 # of a value
"""


def test_the_comment_on_the_line_of_a_key_is_its_own_and_else_the_one_above() -> None:
    mine = "my_package.Mine"
    assert list(comments(TEXT)) == [
        Comment(("_target_",), mine, "no argument"),
        Comment(("text",), mine, "of it"),
        Comment(("list",), mine, "of two"),
        Comment(("below",), mine, "a mapping"),
        Comment(("below", "name"), None, "above a key"),
        Comment(("below", "other"), None, "another"),
    ]


def test_a_file_of_comments_alone_has_no_keys() -> None:
    assert list(comments("# Nothing.\n")) == []
