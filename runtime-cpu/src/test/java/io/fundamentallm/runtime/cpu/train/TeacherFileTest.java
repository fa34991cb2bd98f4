package io.fundamentallm.runtime.cpu.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import io.fundamentallm.runtime.cpu.CpuRuntimeProvider;
import io.fundamentallm.runtime.cpu.format.TinyModel;
import io.fundamentallm.spi.Options;
import io.fundamentallm.training.FineTuning;
import io.fundamentallm.training.TeacherFile;
import io.fundamentallm.training.TeacherTokens;
import io.fundamentallm.training.TokenSequence;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingObjective;
import io.fundamentallm.training.TrainingPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a teacher expects, on disk and in training. */
class TeacherFileTest {
  private static final DigitTokenizer TOKENIZER = new DigitTokenizer();
  private static final int[] TEXT = IntStream.range(0, 900).map(i -> i * i % 7).toArray();

  @TempDir private Path folder;

  private Path base;
  private Path file;

  @BeforeEach
  void train() throws IOException {
    base = model("base", 40, 1);
    file = folder.resolve("teacher.bin");
  }

  private Path model(String name, int steps, long seed) throws IOException {
    Path directory = folder.resolve(name);
    TrainingPlan plan =
        TrainingPlan.builder(directory)
            .architecture("llama(layers=1,heads=2,hidden-size=16)")
            .contextLength(12)
            .steps(steps)
            .seed(seed)
            .warmupSteps(0)
            .learningRate(1e-2, 1e-3)
            .build();
    new CpuTrainer(1).train(data(TokenSequence.of(TEXT)), plan);
    return directory;
  }

  private static TrainingData data(TokenSequence tokens) {
    return new TrainingData(TOKENIZER, tokens, TokenSequence.of(TEXT).slice(0, 100));
  }

  private static LanguageModel load(Path directory) throws IOException {
    return new CpuRuntimeProvider().load(directory, Options.of("cpu", Map.of()));
  }

  private static MarkedTokens examples() {
    Random random = new Random(2);
    MarkedTokens tokens = new MarkedTokens();
    for (int i = 0; i < 6; i++) {
      tokens.add(random.ints(3 + random.nextInt(7), 0, 8).toArray(), 2, true);
    }
    return tokens;
  }

  @Test
  void the_likeliest_tokens_are_those_of_the_model_after_the_same_example() throws IOException {
    MarkedTokens examples = examples();
    try (LanguageModel teacher = load(base)) {
      TeacherTokens expected =
          TeacherFile.of(file, data(examples), teacher, TOKENIZER, 3).training().teacher().get();
      int size = (int) examples.size();
      int[] ids = new int[3 * size];
      float[] logs = new float[3 * size];
      expected.read(0, ids, logs, 0, size);
      int[] all = new int[size];
      byte[] marks = new byte[size];
      examples.read(0, all, 0, size);
      examples.marks().get().read(0, marks, 0, size);
      int compared = 0;
      int begin = 0;
      for (int at = 0; at < size; at++) {
        begin = (marks[at] & 1) != 0 ? at : begin;
        boolean learned = at + 1 < size && (marks[at + 1] & 4) != 0;
        assertThat(Float.isNaN(logs[3 * at])).isEqualTo(!learned);
        if (learned) {
          float[] logits = new float[10];
          try (Session session = teacher.open()) {
            session.append(Arrays.copyOfRange(all, begin, at + 1), logits);
          }
          compare(logits, ids, logs, 3 * at);
          compared++;
        }
      }
      assertThat(compared).isGreaterThan(10);
    }
  }

  private static void compare(float[] logits, int[] ids, float[] logs, int at) {
    double sum = IntStream.range(0, 10).mapToDouble(i -> Math.exp(logits[i])).sum();
    int[] order =
        IntStream.range(0, 10)
            .boxed()
            .sorted((a, b) -> Float.compare(logits[b], logits[a]))
            .mapToInt(Integer::intValue)
            .toArray();
    for (int k = 0; k < 3; k++) {
      assertThat(ids[at + k]).isEqualTo(order[k]);
      assertThat((double) logs[at + k]).isCloseTo(logits[order[k]] - Math.log(sum), within(1e-5));
    }
  }

  @Test
  void a_file_is_used_again_for_the_same_tokens_and_teacher_alone() throws IOException {
    TrainingData data = data(TokenSequence.of(TEXT));
    try (LanguageModel teacher = load(base);
        LanguageModel other = load(model("other", 3, 9))) {
      String first =
          TeacherFile.of(file, data, teacher, TOKENIZER, 2)
              .training()
              .teacher()
              .get()
              .fingerprint();
      byte[] bytes = Files.readAllBytes(file);
      assertThat(bytes).hasSize(64 + 900 * 2 * 8);
      Files.setLastModifiedTime(file, FileTime.fromMillis(0));
      TeacherFile.of(file, data, teacher, TOKENIZER, 2);
      assertThat(Files.getLastModifiedTime(file)).isEqualTo(FileTime.fromMillis(0));
      TrainingData changed = TeacherFile.of(file, data, other, TOKENIZER, 2);
      assertThat(changed.training().teacher().get().fingerprint()).isNotEqualTo(first);
      assertThat(Files.readAllBytes(file)).isNotEqualTo(bytes);
      TeacherFile.of(file, data, teacher, TOKENIZER, 2);
      assertThat(file).hasBinaryContent(bytes);
      Files.write(file, Arrays.copyOf(bytes, 900));
      TeacherFile.of(file, data, teacher, TOKENIZER, 2);
      assertThat(file).hasBinaryContent(bytes);
    }
  }

  @Test
  void nothing_but_a_file_of_a_teacher_is_replaced() throws IOException {
    Files.writeString(file, "the only copy of a novel");
    try (LanguageModel teacher = load(base)) {
      assertThatIOException()
          .isThrownBy(
              () -> TeacherFile.of(file, data(TokenSequence.of(TEXT)), teacher, TOKENIZER, 2))
          .withMessageContaining(file + " is there, and no file of a teacher");
      assertThat(file).hasContent("the only copy of a novel");
      Files.write(file, new byte[0]);
      TeacherFile.of(file, data(TokenSequence.of(TEXT)), teacher, TOKENIZER, 2);
      assertThat(file).hasSize(64 + 900 * 2 * 8);
    }
  }

  /** The last token of an example needs no place, as in training. */
  @Test
  void an_example_is_read_from_its_beginning_or_refused() throws IOException {
    int[] longest = IntStream.range(0, 13).map(i -> i % 8).toArray();
    MarkedTokens fits = new MarkedTokens().add(longest, 2, true).add(longest, 4, true);
    try (LanguageModel teacher = load(base)) {
      TeacherTokens expected =
          TeacherFile.of(file, data(fits), teacher, TOKENIZER, 3).training().teacher().get();
      int[] ids = new int[3];
      float[] logs = new float[3];
      expected.read(13 + 11, ids, logs, 0, 1);
      float[] logits = new float[10];
      try (Session session = teacher.open()) {
        session.append(Arrays.copyOf(longest, 12), logits);
      }
      compare(logits, ids, logs, 0);
      expected.read(25, ids, logs, 0, 1);
      assertThat(logs).containsOnly(Float.NaN);
      byte[] bytes = Files.readAllBytes(file);
      fits.add(new int[14], 2, true);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> TeacherFile.of(file, data(fits), teacher, TOKENIZER, 3))
          .withMessageContaining("example 2 has more than 13 tokens")
          .withMessageContaining("no more than 12 before the last");
      assertThat(file).hasBinaryContent(bytes);
    }
  }

  @Test
  void a_teacher_that_knows_fewer_tokens_is_refused() throws IOException {
    TinyModel small = TinyModel.llama("llama", 16, 4, 2, 4, 20).set("vocab_size", 9);
    Path directory = Files.createDirectory(folder.resolve("small"));
    small.add("model.embed_tokens.weight", 9, 16).add("lm_head.weight", 9, 16).write(directory);
    try (LanguageModel teacher = load(directory)) {
      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> TeacherFile.of(file, data(TokenSequence.of(TEXT)), teacher, TOKENIZER, 2))
          .withMessage("the tokenizer has 10 tokens, but the teacher knows 9");
    }
  }

  @Test
  void a_teacher_with_another_tokenizer_is_refused() throws IOException {
    DigitTokenizer other =
        new DigitTokenizer() {
          @Override
          public byte[] bytes(int token) {
            return new byte[] {(byte) ('a' + token)};
          }
        };
    try (LanguageModel teacher = load(base)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> TeacherFile.of(file, data(TokenSequence.of(TEXT)), teacher, other, 2))
          .withMessageStartingWith("teacher and student need the same tokenizer");
    }
    assertThat(file).doesNotExist();
  }

  /** The teacher has read the text for longer; the student reads little of it, with its help. */
  @Test
  void a_student_learns_what_the_teacher_knows() throws IOException {
    TrainingData data = data(TokenSequence.of(TEXT));
    Path student = model("student", 3, 5);
    TrainingPlan plan =
        TrainingPlan.builder(folder.resolve("taught"))
            .fineTuning(FineTuning.of(student))
            .contextLength(12)
            .steps(40)
            .warmupSteps(0)
            .learningRate(1e-2, 1e-3)
            .objective(
                TrainingObjective.MAXIMUM_LIKELIHOOD.withLoss(
                    "distillation(temperature=2,share=1)"))
            .build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new CpuTrainer(1).train(data, plan))
        .withMessageContaining("expected data of a TeacherFile");
    try (LanguageModel teacher = load(base)) {
      TrainingData taught = TeacherFile.of(file, data, teacher, TOKENIZER, 8);
      assertThat(new CpuTrainer(1).train(taught, plan).validationLoss()).isLessThan(0.8);
    }
  }
}
