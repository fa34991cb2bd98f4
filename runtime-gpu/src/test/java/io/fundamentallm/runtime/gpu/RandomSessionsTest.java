package io.fundamentallm.runtime.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import io.fundamentallm.runtime.gpu.TinyDecoder.Form;
import io.fundamentallm.runtime.gpu.ort.GpuSettings;
import io.fundamentallm.spi.Options;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Many sessions that fork, shorten, come and go between batches of any of them: whatever is copied,
 * shared or moved for that, each gets the logits of its own text.
 */
class RandomSessionsTest {
  private static final int STEPS = 60;
  private static final int MAX_SESSIONS = 12;

  @TempDir private Path directory;

  static Stream<Arguments> forms() {
    return Arrays.stream(Form.values())
        .flatMap(form -> Stream.of(Arguments.of(form, false), Arguments.of(form, true)));
  }

  /** A session, and what it was told. */
  private record Writer(Session session, List<Integer> text) {}

  @ParameterizedTest
  @MethodSource("forms")
  void each_session_gets_the_logits_of_its_own_text(Form form, boolean onDevice)
      throws IOException {
    TinyDecoder decoder = TinyDecoder.small();
    decoder.save(directory, form);
    Random random = new Random(form.name().hashCode());
    GpuSettings settings =
        GpuSettings.of(Options.of("gpu", Map.of("device", TestDevice.name(), "threads", "1")));
    try (LanguageModel model = OnnxModel.load(directory, settings, engine -> onDevice)) {
      List<Writer> writers = new ArrayList<>();
      for (int step = 0; step < STEPS; step++) {
        change(model, writers, random);
        Collections.shuffle(writers, random);
        List<Writer> some = writers.subList(0, 1 + random.nextInt(writers.size()));
        append(decoder, form, model, some, random);
      }
      writers.forEach(writer -> writer.session.close());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"MASK_AND_POSITIONS", "GROUPED"})
  void also_where_several_threads_go_on_from_the_same_text(Form form) throws Exception {
    TinyDecoder decoder = TinyDecoder.small();
    decoder.save(directory, form);
    GpuSettings settings = GpuSettings.of(Options.of("gpu", Map.of("device", TestDevice.name())));
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (LanguageModel model = OnnxModel.load(directory, settings, engine -> false);
        Session common = model.open()) {
      int[] beginning = {3, 1, 4, 1, 5};
      common.append(beginning);
      List<Future<?>> running = new ArrayList<>();
      for (int seed = 0; seed < 4; seed++) {
        Random random = new Random(seed);
        running.add(
            threads.submit(
                () -> {
                  List<Writer> writers = new ArrayList<>();
                  for (int step = 0; step < STEPS; step++) {
                    if (step % 10 == 0 && writers.size() < MAX_SESSIONS) {
                      List<Integer> text = Arrays.stream(beginning).boxed().toList();
                      writers.add(new Writer(common.fork(), new ArrayList<>(text)));
                    }
                    change(model, writers, random);
                    append(decoder, form, model, writers, random);
                  }
                  writers.forEach(writer -> writer.session.close());
                }));
      }
      for (Future<?> one : running) {
        one.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static void change(LanguageModel model, List<Writer> writers, Random random) {
    if (writers.size() < 2) {
      writers.add(new Writer(model.open(), new ArrayList<>()));
    }
    int which = random.nextInt(writers.size());
    Writer writer = writers.get(which);
    switch (random.nextInt(12)) {
      case 0, 1 -> {
        if (writers.size() < MAX_SESSIONS) {
          writers.add(new Writer(model.open(), new ArrayList<>()));
        }
      }
      case 2, 3, 4 -> {
        if (writers.size() < MAX_SESSIONS) {
          writers.add(new Writer(writer.session.fork(), new ArrayList<>(writer.text)));
        }
      }
      case 5 -> writers.remove(which).session.close();
      case 6 -> {
        int length = random.nextInt(writer.text.size() + 1);
        writer.session.truncate(length);
        writer.text.subList(length, writer.text.size()).clear();
      }
      default -> {}
    }
  }

  private static void append(
      TinyDecoder decoder, Form form, LanguageModel model, List<Writer> writers, Random random) {
    boolean decode = random.nextInt(4) > 0;
    List<Append> batch = new ArrayList<>();
    for (Writer writer : writers) {
      if (writer.session.remaining() < 5) {
        writer.session.truncate(0);
        writer.text.clear();
      }
      int count = decode ? 1 : 1 + random.nextInt(5);
      int[] tokens = random.ints(count, 0, decoder.vocabulary()).toArray();
      Arrays.stream(tokens).forEach(writer.text::add);
      float[][] rows = new float[1 + random.nextInt(count)][decoder.vocabulary()];
      batch.add(Append.of(writer.session, tokens, rows));
    }
    model.forward(batch, Cancellation.none());
    for (int i = 0; i < writers.size(); i++) {
      int[] text = writers.get(i).text.stream().mapToInt(id -> id).toArray();
      double[][] expected = new TinyDecoderReference(decoder).logits(text);
      float[][] rows = batch.get(i).logits();
      double largest = 0;
      for (int row = 0; row < rows.length; row++) {
        for (int v = 0; v < decoder.vocabulary(); v++) {
          double difference = rows[row][v] - expected[text.length - rows.length + row][v];
          largest = Math.abs(difference) <= largest ? largest : Math.abs(difference);
        }
      }
      assertThat(largest)
          .as("after %d tokens", text.length)
          .isLessThan(form.rounding() * TestDevice.rounding());
    }
  }
}
