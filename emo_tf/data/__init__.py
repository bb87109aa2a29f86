"""Reading and changing data sets: pipelines of `tf.data` that give the same batches everywhere."""
