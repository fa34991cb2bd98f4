package io.fundamentallm.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Event files and tables. What a library of TensorFlow's reads is tested among the oracles. */
class TrainingLogsTest {
  @TempDir private Path folder;

  private TrainingPlan plan() {
    return TrainingPlan.builder(folder.resolve("model")).steps(9).build();
  }

  private TrainingPlan resumed() {
    return plan().toBuilder().resume().build();
  }

  private static void step(TrainingListener listener, int step) {
    listener.onStep(
        new TrainingListener.Progress(
            step, 9, 4.0 / step, 1e-3, 1.5, 10_000, Duration.ofSeconds(step), Duration.ZERO));
  }

  private static void evaluation(TrainingListener listener, int step, String sample) {
    listener.onEvaluation(
        new TrainingListener.Evaluation(step, 1.25, Double.NaN, 0.375, false, sample));
  }

  private static void rewards(TrainingListener listener, int step) {
    listener.onEvaluation(
        new TrainingListener.Evaluation(step, 0.5, Double.NaN, 0.75, false, "", 1.5));
  }

  private List<Path> events() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("run"))) {
      return files.sorted().toList();
    }
  }

  @Test
  void the_records_are_framed_with_right_checksums_and_hold_every_value() throws IOException {
    try (TensorBoardLog log = TensorBoardLog.of(folder.resolve("run"), plan())) {
      assertThat(folder.resolve("run")).doesNotExist();
      step(log, 1);
      step(log, 2);
      evaluation(log, 2, "one\n  *two*");
    }
    assertThat(events()).hasSize(1);
    assertThat(events().get(0).getFileName().toString()).startsWith("events.out.tfevents.");
    List<Fields> records = records(events().get(0));
    assertThat(records).hasSize(5);
    assertThat(records.get(0).text(3)).isEqualTo("brain.Event:2");
    double now = System.currentTimeMillis() / 1000.0;
    assertThat(records.get(0).real(1)).isCloseTo(now, within(600.0));
    assertThat(values(records.get(1))).containsExactly("plan text");
    assertThat(values(records.get(2)))
        .containsExactly(
            "train/loss 4.0",
            "train/learning_rate 0.001",
            "train/grad_norm 1.5",
            "train/tokens_per_second 10000.0");
    assertThat(records.get(3).number(2)).isEqualTo(2);
    assertThat(values(records.get(4)))
        .containsExactly(
            "eval/loss 1.25",
            "eval/perplexity " + (float) Math.exp(1.25),
            "eval/accuracy 0.375",
            "eval/sample text");
    Fields sample = records.get(4).messages(5).get(0).messages(1).get(3).messages(8).get(0);
    assertThat(sample.number(1)).as("DT_STRING").isEqualTo(7);
    assertThat(sample.text(8)).isEqualTo("    one\n      *two*\n");
  }

  @Test
  void pairs_have_rewards_in_place_of_the_figures_of_text() throws IOException {
    try (TensorBoardLog log = TensorBoardLog.of(folder.resolve("run"), plan())) {
      rewards(log, 3);
    }
    assertThat(values(records(events().get(0)).get(2)))
        .containsExactly(
            "eval/loss 0.5", "eval/rewards/accuracies 0.75", "eval/rewards/margins 1.5");
  }

  @Test
  void a_plan_that_the_trainer_chooses_later_is_written_at_its_step() throws IOException {
    try (TensorBoardLog log = TensorBoardLog.of(folder.resolve("run"), plan())) {
      log.onPlan(plan().toBuilder().steps(7002).build());
      step(log, 1);
      step(log, 2);
      log.onPlan(plan().toBuilder().steps(7003).build());
    }
    List<Fields> records = records(events().get(0));
    assertThat(records).hasSize(5);
    assertThat(values(records.get(1))).containsExactly("plan text");
    assertThat(new String(records.get(1).bytes, StandardCharsets.UTF_8)).contains("7,002");
    assertThat(records.get(4).number(2)).isEqualTo(2);
    assertThat(values(records.get(4))).containsExactly("plan text");
    assertThat(new String(records.get(4).bytes, StandardCharsets.UTF_8)).contains("7,003");
  }

  @Test
  void one_that_goes_on_says_from_which_step() throws IOException {
    try (TensorBoardLog log = TensorBoardLog.of(folder.resolve("run"), plan())) {
      step(log, 1);
      step(log, 2);
      step(log, 3);
    }
    try (TensorBoardLog log = TensorBoardLog.of(folder.resolve("run"), resumed())) {
      step(log, 3);
    }
    assertThat(events()).hasSize(2);
    List<Fields> records = records(events().get(1));
    assertThat(records.get(1).number(2)).isEqualTo(3);
    assertThat(records.get(1).messages(7).get(0).number(1)).as("START").isEqualTo(1);
  }

  @Test
  void what_cannot_be_written_ends_no_training_but_is_told() throws IOException {
    TensorBoardLog log = TensorBoardLog.of(folder.resolve("run"), plan());
    Files.writeString(folder.resolve("run"), "in the way");
    step(log, 1);
    assertThatExceptionOfType(IOException.class).isThrownBy(log::close);
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> TensorBoardLog.of(folder.resolve("run"), plan()))
        .withMessageEndingWith("run: it is a file; expected a directory");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> CsvLog.of(folder.resolve("run/table.csv"), plan()))
        .withMessageEndingWith("run: it is a file; expected a directory");
    CsvLog table = CsvLog.of(folder.resolve("later/table.csv"), plan());
    Files.delete(folder.resolve("later")); // it is empty: the log begins with the first row
    Files.writeString(folder.resolve("later"), "in the way");
    step(table, 1);
    step(table, 2);
    assertThatExceptionOfType(IOException.class).isThrownBy(table::close);
  }

  @Test
  void a_place_that_may_not_be_written_is_refused_before_the_training() {
    assumeTrue(
        folder.toFile().setWritable(false) && !Files.isWritable(folder),
        "this user may write everywhere");
    assertThatExceptionOfType(AccessDeniedException.class)
        .isThrownBy(() -> TensorBoardLog.of(folder.resolve("run"), plan()))
        .withMessage(folder.resolve("run").toString());
  }

  private static List<String> values(Fields event) {
    List<String> values = new ArrayList<>();
    for (Fields value : event.messages(5).get(0).messages(1)) {
      boolean text = !value.messages(9).isEmpty();
      if (text) {
        assertThat(value.messages(9).get(0).messages(1).get(0).text(1)).isEqualTo("text");
      }
      values.add(value.text(1) + " " + (text ? "text" : String.valueOf((float) value.real(2))));
    }
    return values;
  }

  /** The format's description, written a second time: lengths, checksums, data. */
  private static List<Fields> records(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    List<Fields> records = new ArrayList<>();
    while (bytes.hasRemaining()) {
      byte[] length = new byte[8];
      bytes.get(length);
      assertThat(bytes.getInt()).isEqualTo(masked(length));
      long size = ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong();
      byte[] data = new byte[Math.toIntExact(size)];
      bytes.get(data);
      assertThat(bytes.getInt()).isEqualTo(masked(data));
      records.add(new Fields(data));
    }
    return records;
  }

  /** Castagnoli's polynomial bit by bit, then TensorFlow's mask. */
  private static int masked(byte[] data) {
    int crc = ~0;
    for (byte b : data) {
      crc ^= b & 0xFF;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 1) != 0 ? (crc >>> 1) ^ 0x82F63B78 : crc >>> 1;
      }
    }
    crc = ~crc;
    return ((crc >>> 15) | (crc << 17)) + 0xa282ead8;
  }

  /** A protobuf message, decoded without a description. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Fields(byte[] bytes) {
    private interface Each {
      void field(int number, long value, byte[] data);
    }

    private void all(Each each) {
      ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      while (in.hasRemaining()) {
        long tag = varint(in);
        int type = (int) (tag & 7);
        byte[] data = new byte[0];
        long value = 0;
        switch (type) {
          case 0 -> value = varint(in);
          case 1 -> value = in.getLong();
          case 5 -> value = Double.doubleToLongBits(Float.intBitsToFloat(in.getInt()));
          case 2 -> {
            data = new byte[Math.toIntExact(varint(in))];
            in.get(data);
          }
          default -> throw new AssertionError("wire type " + type);
        }
        each.field((int) (tag >>> 3), value, data);
      }
    }

    private static long varint(ByteBuffer in) {
      long value = 0;
      for (int shift = 0; ; shift += 7) {
        byte b = in.get();
        value |= (b & 0x7FL) << shift;
        if (b >= 0) {
          return value;
        }
      }
    }

    long number(int field) {
      long[] found = {-1};
      all((number, value, data) -> found[0] = number == field ? value : found[0]);
      return found[0];
    }

    double real(int field) {
      return Double.longBitsToDouble(number(field));
    }

    List<Fields> messages(int field) {
      List<Fields> found = new ArrayList<>();
      all(
          (number, value, data) -> {
            if (number == field) {
              found.add(new Fields(data));
            }
          });
      return found;
    }

    String text(int field) {
      ByteArrayOutputStream found = new ByteArrayOutputStream();
      messages(field).forEach(one -> found.writeBytes(one.bytes));
      return found.toString(StandardCharsets.UTF_8);
    }
  }

  @Test
  void a_row_is_a_step_or_an_evaluation() throws IOException {
    Path file = folder.resolve("logs/table.csv");
    try (CsvLog log = CsvLog.of(file, plan())) {
      assertThat(file).doesNotExist();
      step(log, 1);
      evaluation(log, 1, "a \"b\",\nc");
      evaluation(log, 2, "");
      rewards(log, 3);
    }
    assertThat(file)
        .content()
        .isEqualTo(
            """
            step,loss,learning_rate,gradient_norm,tokens_per_second,seconds,validation_loss,\
            validation_bits_per_byte,validation_accuracy,validation_reward_margin,sample
            1,4.0,0.001,1.5,10000.0,1.0,,,,,
            1,,,,,,1.25,,0.375,,"a ""b"",
            c"
            2,,,,,,1.25,,0.375,,
            3,,,,,,0.5,,0.75,1.5,
            """
                .replace("\n", "\r\n")
                .replace("b\"\",\r\n", "b\"\",\n"));
  }

  @Test
  void a_table_that_goes_on_has_each_step_once() throws IOException {
    Path whole = folder.resolve("whole.csv");
    Path killed = folder.resolve("killed.csv");
    for (Path file : List.of(whole, killed)) {
      try (CsvLog log = CsvLog.of(file, plan())) {
        for (int step = 1; step <= 6; step++) {
          step(log, step);
          evaluation(log, step, "9\n9,\"" + step);
        }
      }
    }
    byte[] all = Files.readAllBytes(whole);
    for (int cut = 0; cut <= all.length; cut += 7) {
      Files.write(killed, Arrays.copyOf(all, cut)); // killed while it wrote
      int next = 1;
      try (CsvLog log = CsvLog.of(killed, resumed())) {
        for (int step = 3; step <= 6; step++) {
          step(log, step);
          evaluation(log, step, "9\n9,\"" + step);
          next = step + 1;
        }
      } catch (IOException e) {
        // a header that is not whole is another file's
        assertThat(cut).isBetween(1, 165);
        continue;
      }
      assertThat(next).isEqualTo(7);
      String text = Files.readString(killed);
      if (cut > all.length / 2) {
        assertThat(text).as("cut after " + cut).isEqualTo(Files.readString(whole));
      }
      assertThat(text.split("\r\n4,4?1?", -1)).as("cut after " + cut).hasSize(3);
    }
  }

  @Test
  void a_table_that_goes_on_has_one_closing_row() throws IOException {
    Path file = folder.resolve("table.csv");
    try (CsvLog log = CsvLog.of(file, plan())) {
      step(log, 1);
      evaluation(log, 1, "");
      step(log, 2);
      evaluation(log, 1, ""); // the best is kept
    }
    try (CsvLog log = CsvLog.of(file, resumed())) {
      step(log, 3);
      evaluation(log, 1, "");
    }
    assertThat(Files.readAllLines(file).stream().skip(1).map(row -> row.substring(0, 3)))
        .containsExactly("1,4", "1,,", "2,2", "3,1", "1,,");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> CsvLog.of(folder, plan()))
        .withMessageEndingWith("it is a directory; expected a file");
  }

  @Test
  void a_training_that_was_finished_takes_no_row_away() throws IOException {
    Path file = folder.resolve("table.csv");
    try (CsvLog log = CsvLog.of(file, plan());
        TensorBoardLog events = TensorBoardLog.of(folder.resolve("run"), plan())) {
      for (TrainingListener each : List.of(log, events)) {
        step(each, 1);
        evaluation(each, 1, "");
        step(each, 2);
        step(each, 3);
        evaluation(each, 1, ""); // the best is kept
      }
    }
    String before = Files.readString(file);
    try (CsvLog log = CsvLog.of(file, resumed());
        TensorBoardLog events = TensorBoardLog.of(folder.resolve("run"), resumed())) {
      evaluation(log, 1, "");
      evaluation(events, 1, "");
    }
    assertThat(file).hasContent(before);
    List<Fields> records = records(events().get(1));
    assertThat(records.get(1).number(2)).as("forgets from").isEqualTo(Integer.MAX_VALUE);
    assertThat(values(records.get(3))).contains("eval/loss 1.25");
  }

  @Test
  void digits_are_the_same_everywhere() throws IOException {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
    try {
      the_records_are_framed_with_right_checksums_and_hold_every_value();
      a_row_is_a_step_or_an_evaluation();
      assertThat(events().get(0).getFileName().toString()).matches("\\p{ASCII}+");
      assertThat(new TrainingMemory(1 << 20, 0, 0, 0, 0).toString()).startsWith("1 MiB");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void a_file_that_is_no_such_table_is_not_gone_on_with() throws IOException {
    Path file = Files.writeString(folder.resolve("mine.csv"), "name,age\nIda,7\n");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> CsvLog.of(file, resumed()))
        .withMessageContaining("mine.csv, line 1: expected the columns of a training log");
    assertThat(file).content().isEqualTo("name,age\nIda,7\n");
  }
}
