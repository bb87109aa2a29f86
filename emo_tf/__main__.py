"""`python -m emo_tf` is `emo-tf`."""

from emo_tf.cli import main

if __name__ == "__main__":
    main()
