package io.fundamentallm.oracles;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.Tokenizers;
import io.fundamentallm.Trainers;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.training.TensorBoardLog;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingListener;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.Validation;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.framework.DataType;
import org.tensorflow.framework.Summary;
import org.tensorflow.hadoop.util.TFRecordReader;
import org.tensorflow.util.Event;

/** TensorFlow's own classes read the event files of a training. */
class EventsTest {
  @TempDir private Path folder;

  @Test
  void tensorflow_reads_each_value_of_a_training() throws Exception {
    List<TrainingListener.Progress> steps = new ArrayList<>();
    List<TrainingListener.Evaluation> evaluations = new ArrayList<>();
    train(steps, evaluations);

    List<Event> events = events(file());

    assertThat(events.get(0).getFileVersion()).isEqualTo("brain.Event:2");
    for (TrainingListener.Progress step : steps) {
      assertThat(scalar(events, step.step(), "train/loss")).isEqualTo((float) step.loss());
      assertThat(scalar(events, step.step(), "train/learning_rate"))
          .isEqualTo((float) step.learningRate());
      assertThat(scalar(events, step.step(), "train/grad_norm"))
          .isEqualTo((float) step.gradientNorm());
      assertThat(scalar(events, step.step(), "train/tokens_per_second")).isPositive();
    }
    assertThat(evaluations).isNotEmpty();
    for (TrainingListener.Evaluation evaluation : evaluations) {
      assertThat(scalar(events, evaluation.step(), "eval/loss"))
          .isEqualTo((float) evaluation.loss());
      Summary.Value sample = value(events, evaluation.step(), "eval/sample");
      assertThat(sample.getMetadata().getPluginData().getPluginName()).isEqualTo("text");
      assertThat(sample.getTensor().getDtype()).isEqualTo(DataType.DT_STRING);
      assertThat(sample.getTensor().getTensorShape().getDim(0).getSize()).isEqualTo(1);
      assertThat(sample.getTensor().getStringVal(0).toStringUtf8())
          .isEqualToIgnoringWhitespace(evaluation.sample());
    }
    assertThat(value(events, 0, "plan").getTensor().getStringVal(0).toStringUtf8())
        .contains("| architecture | gpt2");
    assertThat(events.get(0).getWallTime())
        .isCloseTo(System.currentTimeMillis() / 1000.0, within(3600.0));
  }

  @Test
  void it_notices_any_byte_that_is_wrong() throws Exception {
    train(new ArrayList<>(), new ArrayList<>());
    byte[] good = Files.readAllBytes(file());
    for (int at = 0; at < Math.min(good.length, 200); at++) {
      byte[] bad = good.clone();
      bad[at] ^= 1;
      Path damaged = Files.write(folder.resolve("damaged"), bad);
      assertThatThrownBy(() -> events(damaged)).as("byte " + at).isInstanceOf(IOException.class);
    }
  }

  private void train(
      List<TrainingListener.Progress> steps, List<TrainingListener.Evaluation> evaluations)
      throws IOException {
    String text = "It is a truth universally acknowledged. ".repeat(20);
    Tokenizer tokenizer = Tokenizers.learn("character(special=false)", text);
    TrainingPlan plan =
        TrainingPlan.builder(folder.resolve("model"))
            .architecture("gpt2(layers=1,heads=2,hidden-size=16)")
            .contextLength(16)
            .batchSize(2)
            .steps(6)
            .validation(Validation.every(3).withSample("It is", 8))
            .build();
    try (TensorBoardLog log = TensorBoardLog.of(folder.resolve("run"), plan)) {
      TrainingListener kept =
          new TrainingListener() {
            @Override
            public void onStep(Progress progress) {
              steps.add(progress);
            }

            @Override
            public void onEvaluation(Evaluation evaluation) {
              evaluations.add(evaluation);
            }
          };
      Trainers.configured().train(TrainingData.ofText(tokenizer, text, 0.8), plan, log, kept);
    }
    assertThat(steps.size() % 6).isZero();
  }

  private Path file() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("run"))) {
      return files.findFirst().orElseThrow();
    }
  }

  private static List<Event> events(Path file) throws IOException {
    List<Event> events = new ArrayList<>();
    try (InputStream in = Files.newInputStream(file)) {
      TFRecordReader reader = new TFRecordReader(in, true);
      for (byte[] record = reader.read(); record != null; record = reader.read()) {
        events.add(Event.parseFrom(record));
      }
    }
    return events;
  }

  private static float scalar(List<Event> events, long step, String tag) {
    return value(events, step, tag).getSimpleValue();
  }

  /** The last one: the evaluation over all tokens comes after one over a sample. */
  private static Summary.Value value(List<Event> events, long step, String tag) {
    return events.stream()
        .filter(event -> event.getStep() == step)
        .flatMap(event -> event.getSummary().getValueList().stream())
        .filter(value -> value.getTag().equals(tag))
        .reduce((before, after) -> after)
        .orElseThrow(() -> new AssertionError("no " + tag + " of step " + step));
  }
}
