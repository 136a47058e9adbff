"""What can go wrong with the stack, each with one sentence for the person at the keyboard."""


class StackError(Exception):
    """The stack cannot start. Its text is one whole sentence and is shown as it is."""


class HomeInUseError(StackError):
    """Another process has its servers in the same LLD_HOME."""
