"""What a model is to learn: the units of its output layer, the labels it needs, and what is measured on the test set.

One file a task. The output layer, the loss and the metrics of a task stand in `conf/task/`; statistics over seeds and
examples live in `toonvision.verdict`.
"""

from toonvision.task.task import NamesByThreshold, Output, Task, as_learned, load_task, output_of

__all__ = ["NamesByThreshold", "Output", "Task", "as_learned", "load_task", "output_of"]
