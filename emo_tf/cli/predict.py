"""`emo-tf predict`: pictures or videos in, faces, people and how they appear out."""

from pathlib import Path
from typing import Annotated

import typer

from emo_tf.cli.analyzer_options import (
    MaxPixelsOption,
    MinFaceOption,
    PersonDetectorOption,
    ThreadsOption,
)
from emo_tf.cli.group_options import EnsembleOption, SceneLabelsOption, SceneNetworkOption
from emo_tf.cli.refused_options import refuse_options
from emo_tf.cli.shard_options import (
    BeamOption,
    OutOption,
    RunnerOption,
    ShardsOption,
)
from emo_tf.cli.sources import stand_for_videos
from emo_tf.cli.video_options import (
    DetectEveryOption,
    EndOption,
    EveryOption,
    FpsOption,
    PlotOption,
    SegmentsOption,
    StartOption,
    VttFramesOption,
    VttOption,
)
from emo_tf.runtime.image_io import MAX_PIXELS


def predict(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE",
            help="Pictures, folders, quoted patterns such as 'a/**/*.jpg', lists of people "
            "(.txt), or - for the bytes of one picture on standard input. Or videos, folders and "
            "patterns of them, webcams (0, 1, ...) and streams (rtsp://...).",
            show_default=False,
        ),
    ],
    json: Annotated[
        str | None,
        typer.Option(metavar="FILE|-", help="Write JSON Lines, one object a picture or a frame."),
    ] = None,
    csv: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|-",
            help="Write CSV, one row a face and a person; of videos for each frame.",
        ),
    ] = None,
    text: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|-",
            help="Write one row a person: path, categories above their thresholds, valence, "
            "arousal, dominance; people of a list in its order.",
        ),
    ] = None,
    submission_folder: Annotated[
        Path | None,
        typer.Option(
            "--submission",
            metavar="DIR",
            help="Write one text file a picture there with the class of its group, as the EmotiW "
            "challenge takes them.",
        ),
    ] = None,
    draw: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Write the pictures or videos there, what was found drawn in."
        ),
    ] = None,
    min_face: MinFaceOption = None,
    threads: ThreadsOption = None,
    model: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="PATH",
            help="A .tflite file, or the folder of an export or of a run that was exported. One of "
            "task emotic looks at people in their scenes, one of task expression (for videos also "
            "video) stands in for the shipped one; may be given once for each. Those of task "
            "group look at the whole picture, at its faces or both; several are averaged, or "
            "joined by --ensemble.",
            show_default=False,
        ),
    ] = None,
    person_detector: PersonDetectorOption = None,
    group: Annotated[
        bool | None,
        typer.Option(
            "--group/--no-group",
            help="Give a verdict on the picture as a whole.  [default: yes for pictures, no for "
            "videos]",
            show_default=False,
        ),
    ] = None,
    scene_labels: SceneLabelsOption = None,
    scene_network: SceneNetworkOption = None,
    ensemble: EnsembleOption = None,
    max_pixels: MaxPixelsOption = MAX_PIXELS,
    every: EveryOption = None,
    fps: FpsOption = None,
    start: StartOption = None,
    end: EndOption = None,
    detect_every: DetectEveryOption = None,
    segments: SegmentsOption = None,
    vtt: VttOption = None,
    vtt_frames: VttFramesOption = None,
    plot: PlotOption = None,
    runner: RunnerOption = None,
    out: OutOption = None,
    shards: ShardsOption = None,
    beam: BeamOption = None,
) -> None:
    """Finds the faces in pictures or videos and tells their apparent expression.

    With a model of task emotic it also tells the apparent emotion of people from body and scene:
    26 categories, valence, arousal and dominance.

    The verdict on the picture as a whole comes from the faces; with scene labels and a network
    from both; with a model of task group from that, with several from their mean or ensemble.
    Labels are found by the ending of a picture's path.

    Models look at the largest faces of a picture that has more than they take, and stderr says so.

    Prints a table. A picture that cannot be read is reported in it and makes the exit code 1; the
    others are still done.

    A list is a text file with a row `path x1 y1 x2 y2` for each person, in pixels. Relative paths
    are looked for in the folder of the list, then in the working directory. Empty rows and those
    that begin with # are passed over.

    In videos faces are followed, and their expressions smoothed over time; the table has a row for
    each stretch of one expression. A folder or a pattern stands for its pictures, and for its
    videos where it holds no picture. Ctrl-C ends the work after the frame at hand with all files
    whole up to there; pressed twice, it leaves none.

    With --runner pictures are looked for and analysed by an Apache Beam pipeline, which writes
    JSON Lines to --out: results-00003-of-00016.jsonl, and failed-00003-of-00016.jsonl for pictures
    that cannot be read. A picture belongs to a shard by its path. Run again, it passes over shards
    that are finished; new or changed pictures, settings and models make theirs be done anew, and
    so does removing a failed-... file. Workers elsewhere need emo_tf, and reach pictures and models
    on a file system of all (gs://, s3://, hdfs://, or one that is mounted).

    Examples:

        emo-tf predict family.jpg

        emo-tf predict holiday/ --draw annotated/ --csv faces.csv

        emo-tf predict 'albums/**/*.jpg' --json results.jsonl --no-group

        cat team.jpg | emo-tf predict - --json - | jq .group.label

        emo-tf predict people.txt --model runs/emotic_context --text results.txt

        emo-tf predict party/ --model emotic.tflite --person-detector ssd.tflite --draw annotated/

        emo-tf predict album/ --scene-labels labels.json --scene-network net.json

        emo-tf predict album/ --model a.tflite --model b.tflite --ensemble ensemble.json

        emo-tf predict test/ --model runs/attention --submission labels/

        emo-tf predict interview.mp4 --draw annotated/ --segments segments.jsonl

        emo-tf predict episode.mkv --start 12:30 --end 15:00 --fps 10 --vtt labels.jsonl

        emo-tf predict 0 --json - | jq -c '[.time_s, .tracks[].expression.label]'

        emo-tf predict 'photos/**/*.jpg' --runner DirectRunner --out results/
        --beam direct_running_mode=multi_processing --beam direct_num_workers=4

        emo-tf predict /mnt/albums/ --runner FlinkRunner --out /mnt/results/ --shards 200
        --beam flink_master=host:8081 --beam parallelism=32 --beam environment_type=EXTERNAL
        --beam environment_config=localhost:50000

        emo-tf predict gs://album/ --runner DataflowRunner --out gs://results/june --shards 1000
        --beam project=P --beam region=europe-west1 --beam temp_location=gs://results/tmp
        --beam sdk_container_image=IMAGE
    """
    for_pictures = {"--text": text, "--submission": submission_folder}
    for_videos = {
        "--every": every,
        "--fps": fps,
        "--start": start,
        "--end": end,
        "--detect-every": detect_every,
        "--segments": segments,
        "--vtt": vtt,
        "--vtt-frames": vtt_frames,
        "--plot": plot,
    }
    settings = {
        "min_face": min_face,
        "model": model or (),
        "person_detector": person_detector,
        "scene_labels": scene_labels,
        "scene_network": scene_network,
        "ensemble": ensemble,
        "max_pixels": max_pixels,
    }
    if runner is not None:
        for_one_file = {"--json": json, "--csv": csv, "--draw": draw}
        refuse_options(
            for_one_file | for_pictures | for_videos,
            expected="no --runner, which writes JSON Lines of pictures to --out,",
            received="both",
        )
        from emo_tf.cli.predict_shards import predict_shards

        predict_shards(
            sources,
            runner=runner,
            out=out,
            shards=shards,
            beam=beam or (),
            threads=threads or 1,
            group=group is not False,
            **settings,
        )
        return
    of_runner = {"--out": out, "--shards": shards, "--beam": beam}
    refuse_options(of_runner, expected="--runner NAME", received="none")
    if not stand_for_videos(sources, left_out=[folder for folder in (draw, plot) if folder]):
        refuse_options(for_videos, expected="videos", received="pictures")
        from emo_tf.cli.predict_photos import predict_photos

        predict_photos(
            sources,
            json=json,
            csv=csv,
            text=text,
            submission_folder=submission_folder,
            draw=draw,
            threads=threads,
            group=group is not False,
            **settings,
        )
        return
    refuse_options(for_pictures, expected="pictures", received="videos")
    from emo_tf.cli.predict_videos import predict_videos

    predict_videos(
        sources,
        json=json,
        segments=segments,
        csv=csv,
        vtt=vtt,
        vtt_frames=vtt_frames,
        draw=draw,
        plot=plot,
        every=every,
        fps=fps,
        start=start,
        end=end,
        detect_every=detect_every,
        threads=threads,
        group=group,
        **settings,
    )
