"""What looks at pictures and videos without TensorFlow: numpy, OpenCV and LiteRT alone."""
