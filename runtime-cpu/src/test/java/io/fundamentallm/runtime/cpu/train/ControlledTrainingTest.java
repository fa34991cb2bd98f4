package io.fundamentallm.runtime.cpu.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.TextScorer;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.runtime.cpu.train.optimizer.Course;
import io.fundamentallm.runtime.cpu.train.optimizer.LearningRate;
import io.fundamentallm.training.TokenSequence;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingListener;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.TrainingResult;
import io.fundamentallm.training.Validation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Evaluations and what follows from them: samples, stopping early, the best weights, events. */
@Tag("once")
class ControlledTrainingTest {
  private static final int[] TEXT = IntStream.range(0, 500).map(i -> i % 7 * (i % 7) % 7).toArray();

  /** Follows other rules, so that what is learned of the text is soon wrong for it. */
  private static final int[] OTHER = IntStream.range(0, 200).map(i -> i * 5 % 8).toArray();

  @TempDir private Path folder;

  private final List<TrainingListener.Evaluation> evaluations = new ArrayList<>();

  private final List<Object> ends = new ArrayList<>();

  private final TrainingListener listener =
      new TrainingListener() {
        @Override
        public void onEvaluation(Evaluation evaluation) {
          evaluations.add(evaluation);
        }

        @Override
        public void onEnd(TrainingResult result) {
          ends.add(result);
        }

        @Override
        public void onFailure(Throwable cause) {
          ends.add(cause);
          throw new IllegalStateException("so what");
        }
      };

  private TrainingPlan.Builder plan() {
    return TrainingPlan.builder(folder.resolve("model"))
        .architecture("gpt2(layers=1,heads=2,hidden-size=16)")
        .contextLength(8)
        .batchSize(4)
        .steps(200)
        .warmupSteps(10)
        .learningRate(1e-2, 1e-3);
  }

  private TrainingResult train(TrainingPlan plan, int... validation) throws IOException {
    return new CpuTrainer(2).train(data(validation), plan, listener);
  }

  private static TrainingData data(int... validation) {
    return new TrainingData(
        new DigitTokenizer(), TokenSequence.of(TEXT), TokenSequence.of(validation));
  }

  @Test
  void it_stops_once_patience_is_over_and_keeps_the_best_weights() throws IOException {
    Validation validation =
        Validation.every(5).withPatience(4, 0.001).withKeepBest(true).withWindows(1000);
    TrainingResult result = train(plan().validation(validation).build(), OTHER);
    TrainingListener.Evaluation best =
        evaluations.stream()
            .min(Comparator.comparing(TrainingListener.Evaluation::loss))
            .orElseThrow();
    assertThat(result.steps()).isEqualTo(best.step() + 20).isLessThan(200);
    assertThat(result.validationLoss()).isEqualTo(best.loss());
    assertThat(evaluations.get(evaluations.size() - 1)).isEqualTo(best);
    assertThat(folder.resolve("model/best-" + best.step())).doesNotExist();
    assertThat(ends).containsExactly(result);
    try (LanguageModel model = LanguageModels.load(result.modelDirectory())) {
      TextScorer scorer = TextScorer.of(new DigitTokenizer(), model);
      double loss = -scorer.withStride(8).score(OTHER).logProbability() / OTHER.length;
      assertThat(loss).isCloseTo(best.loss(), within(0.1)); // its windows begin elsewhere
    }
  }

  @Test
  void a_listener_may_throw_what_it_is_told_or_an_error_and_the_others_hear_of_it_too() {
    IllegalStateException first = new IllegalStateException("a listener's own");
    TrainingListener again =
        new TrainingListener() {
          @Override
          public void onStep(Progress progress) {
            throw first;
          }

          @Override
          public void onFailure(Throwable cause) {
            ends.add(cause);
            throw (RuntimeException) cause;
          }
        };
    TrainingListener error =
        new TrainingListener() {
          @Override
          public void onFailure(Throwable cause) {
            throw new AssertionError("so be it");
          }
        };
    TrainingData data =
        new TrainingData(new DigitTokenizer(), TokenSequence.of(TEXT), TokenSequence.of());
    assertThatThrownBy(() -> new CpuTrainer(1).train(data, plan().build(), error, again, listener))
        .isSameAs(first);
    assertThat(ends).containsExactly(first, first);
    assertThat(first.getSuppressed()).extracting(Throwable::getMessage).contains("so be it");
  }

  @Test
  void without_patience_it_goes_on_and_the_last_weights_are_the_result() throws IOException {
    TrainingResult result = train(plan().validation(Validation.every(5)).build(), OTHER);
    double best =
        evaluations.stream().mapToDouble(TrainingListener.Evaluation::loss).min().orElseThrow();
    assertThat(result.steps()).isEqualTo(200);
    assertThat(result.validationLoss()).isGreaterThan(best + 0.1);
  }

  @Test
  void the_best_weights_may_be_the_last() throws IOException {
    TrainingResult result =
        train(plan().validation(Validation.every(70).withKeepBest(true)).build(), TEXT);
    assertThat(evaluations)
        .extracting(TrainingListener.Evaluation::step)
        .containsExactly(70, 140, 200, 200);
    assertThat(result.validationLoss()).isEqualTo(evaluations.get(3).loss());
  }

  @Test
  void what_takes_validation_tokens_is_refused_without() {
    for (Validation validation :
        List.of(Validation.every(5).withKeepBest(true), Validation.every(5).withPatience(1, 0))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> train(plan().validation(validation).build(), 1))
          .withMessageContaining("validation tokens; there are 1");
    }
  }

  /** One token in nine ends a text: it has a loss, but is no text. */
  @Test
  void bits_per_byte_count_the_bytes_of_text_and_accuracy_the_likeliest_tokens()
      throws IOException {
    int[] text = IntStream.range(0, 91).map(i -> i % 9 == 8 ? 9 : i % 9 % 4).toArray();
    train(plan().steps(1).build(), text);
    TrainingListener.Evaluation first = evaluations.get(0);
    double bytes = Arrays.stream(text).skip(1).filter(token -> token != 9).count();
    assertThat(bytes).isEqualTo(80);
    assertThat(first.bitsPerByte())
        .isCloseTo(first.loss() * 90 / Math.log(2) / bytes, within(1e-12));
    assertThat(first.perplexity()).isCloseTo(Math.exp(first.loss()), within(1e-12));
    evaluations.clear();
    train(plan().build(), TEXT);
    double last = evaluations.get(evaluations.size() - 1).accuracy();
    assertThat(last).isGreaterThan(0.6).isLessThanOrEqualTo(1);
    assertThat(first.accuracy()).isLessThan(last);
  }

  @Test
  void the_sample_is_what_the_model_writes_as_far_as_it_has_learned() throws IOException {
    Validation validation = Validation.every(100).withSample("014", 30);
    train(plan().validation(validation).build(), TEXT);
    List<String> samples = evaluations.stream().map(TrainingListener.Evaluation::sample).toList();
    // squares of 0 to 6, modulo 7
    assertThat(samples).hasSize(2).allMatch(sample -> sample.length() <= 30);
    assertThat(samples.get(1)).hasSize(30).contains("0142241");
    evaluations.clear();
    train(plan().validation(validation).build(), TEXT);
    assertThat(evaluations).extracting(TrainingListener.Evaluation::sample).isEqualTo(samples);
  }

  @Test
  void a_divergence_names_step_layer_and_what_to_change() throws IOException {
    TrainingPlan plan = plan().learningRate(1e30, 1e30).warmupSteps(0).checkpoints(1, 1).build();
    assertThatThrownBy(() -> train(plan))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("at step 2 the loss is")
        .hasMessageContaining("come out of the attention of layer 0")
        .hasMessageContaining("Lower the learning rate (1.0E30 in this step)")
        .hasMessageContaining("warm-up steps (0)")
        .hasMessageContaining("norm (1.0)")
        .satisfies(cause -> assertThat(ends).containsExactly(cause));
    assertThat(folder.resolve("model/checkpoint-1/model.safetensors")).exists();
  }

  @Test
  void a_divergence_states_the_rate_of_the_steps_that_were_chosen_last() throws IOException {
    TrainingPlan plan =
        plan().steps(10).learningRate(1e30, 0).schedule("linear").warmupSteps(0).build();
    TrainingPlan anew = Course.chosen(plan, 1, 100, 0);
    double rate = LearningRate.of(anew).at(2);
    assertThat(rate).isNotEqualTo(LearningRate.of(plan).at(2));
    try (Training training = Training.of(data(), plan, memory -> {}, 1)) {
      training.step(1);
      training.follow(anew);
      assertThatThrownBy(() -> training.step(2))
          .hasMessageContaining("learning rate (" + rate + " in this step)");
    }
  }

  @Test
  void flight_recorder_receives_steps_evaluations_and_checkpoints() throws IOException {
    Path file = folder.resolve("training.jfr");
    try (Recording recording = new Recording()) {
      for (String event : List.of("Step", "Evaluation", "Checkpoint")) {
        recording.enable("io.fundamentallm.Training" + event).withoutThreshold();
      }
      recording.start();
      train(plan().steps(20).checkpoints(10, 1).validation(Validation.every(5)).build(), OTHER);
      recording.stop();
      recording.dump(file);
    }
    List<RecordedEvent> events = RecordingFile.readAllEvents(file);
    assertThat(named(events, "Step")).hasSize(20);
    RecordedEvent step = named(events, "Step").get(19);
    assertThat(step.getInt("step")).isEqualTo(20);
    assertThat(step.getDouble("loss")).isBetween(0.1, 3.0);
    assertThat(step.getDouble("learningRate")).isEqualTo(1e-3);
    assertThat(step.getDouble("gradientNorm")).isPositive();
    assertThat(step.getDouble("tokensPerSecond")).isPositive();
    assertThat(step.getDuration()).isPositive();
    assertThat(named(events, "Evaluation")).hasSize(4);
    assertThat(named(events, "Checkpoint"))
        .extracting(event -> event.getString("directory"))
        .last()
        .asString()
        .endsWith("checkpoint-20");
  }

  private static List<RecordedEvent> named(List<RecordedEvent> events, String name) {
    return events.stream()
        .filter(event -> event.getEventType().getName().equals("io.fundamentallm.Training" + name))
        .sorted(Comparator.comparing(RecordedEvent::getEndTime))
        .toList();
  }
}
