package com.example.writer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fundamentallm.fixtures.Jdk;
import io.fundamentallm.fixtures.Run;
import java.io.File;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One model directory and one seed give the same tokens, from logits with the same bits, in every
 * process: whatever its threads, its other requests, its kernels and its JDK.
 */
class SameTextEverywhereTest {
  private static final List<String> VECTOR = List.of("--add-modules", "jdk.incubator.vector");
  private static final List<String> NO_FLAG = List.of();
  private static final List<String> SCALAR =
      List.of("--add-modules", "jdk.incubator.vector", "-Dfundamentallm.kernels=scalar");

  /** What a process wrote, and on which device. */
  private record Result(String device, byte[] steps) {}

  @TempDir static Path folder;

  private static Result alone;
  private static int stepBytes;

  @BeforeAll
  static void recordTheTextThatAllOthersAreComparedWith() throws Exception {
    SmallModel.train(folder.resolve("model"), Recording.PROMPT + Recording.TOKENS, 20);
    alone = record(Jdk.running(), VECTOR, 1, 0);
    assertThat(alone.device()).contains("vector", "1 thread");
    stepBytes = alone.steps().length / Recording.TOKENS;
    assertThat(alone.steps()).hasSize(Recording.TOKENS * stepBytes);
  }

  @Test
  void the_same_process_again_gives_the_same_text() throws Exception {
    assertSame(record(Jdk.running(), VECTOR, 1, 0));
  }

  @Test
  void two_threads_give_the_text_of_one() throws Exception {
    Result two = record(Jdk.running(), VECTOR, 2, 0);
    assertThat(two.device()).contains("2 threads");
    assertSame(two);
  }

  @Test
  void other_requests_in_the_batch_change_nothing() throws Exception {
    assertSame(record(Jdk.running(), VECTOR, 1, 3));
    assertSame(record(Jdk.running(), VECTOR, 2, 5));
  }

  @Test
  void the_scalar_kernels_give_the_text_of_the_vector_api() throws Exception {
    Result scalar = record(Jdk.running(), SCALAR, 1, 0);
    assertThat(scalar.device()).contains("scalar");
    assertSame(scalar);
    assertSame(record(Jdk.running(), SCALAR, 2, 3));
  }

  @Test
  void a_jvm_without_the_flag_gives_the_same_text() throws Exception {
    Result noFlag = record(Jdk.running(), NO_FLAG, 2, 0);
    assertThat(noFlag.device()).contains("scalar");
    assertSame(noFlag);
  }

  @Test
  void the_other_jdk_gives_the_same_text_with_and_without_the_vector_api() throws Exception {
    Optional<Jdk> other = Jdk.other();
    assumeTrue(other.isPresent(), "no other JDK of at least 17 is installed beside this one");
    Result vector = record(other.get(), VECTOR, 2, 3);
    assertThat(vector.device()).contains("vector");
    assertSame(vector);
    assertSame(record(other.get(), NO_FLAG, 1, 0));
  }

  private static Result record(Jdk jdk, List<String> options, int threads, int others)
      throws Exception {
    Path file = Files.createTempFile(folder, "steps", ".bin");
    List<String> arguments = new ArrayList<>(options);
    String classPath =
        Stream.concat(ClassPath.jars(), Stream.of(ClassPath.buildFolder().resolve("test-classes")))
            .map(path -> path.toAbsolutePath().toString())
            .collect(Collectors.joining(File.pathSeparator));
    arguments.addAll(List.of("-cp", classPath, "com.example.writer.Recording"));
    arguments.addAll(
        List.of("model", "cpu(threads=" + threads + ")", "" + others, file.toString()));
    Run run = jdk.java(folder, arguments);
    assertThat(run.exit()).as(run.err()).isZero();
    return new Result(run.out().strip(), Files.readAllBytes(file));
  }

  /** That all bits are the same; else says at which token they part, and by how much. */
  private static void assertSame(Result other) {
    for (int step = 0; step < Recording.TOKENS; step++) {
      ByteBuffer expected = ByteBuffer.wrap(alone.steps(), step * stepBytes, stepBytes);
      ByteBuffer actual = ByteBuffer.wrap(other.steps(), step * stepBytes, stepBytes);
      if (!expected.equals(actual)) {
        throw new AssertionError(
            "on %s the logits before token %d differ from those on %s by at most %s; then the tokens are %d and %d"
                .formatted(
                    other.device(),
                    step,
                    alone.device(),
                    largestDifference(expected, actual),
                    actual.getInt(),
                    expected.getInt()));
      }
    }
    assertThat(other.steps()).hasSameSizeAs(alone.steps());
  }

  /** Of the logits; leaves both buffers at the token that follows them. */
  private static float largestDifference(ByteBuffer expected, ByteBuffer actual) {
    float largest = 0;
    while (expected.remaining() > Integer.BYTES) {
      largest = Math.max(largest, Math.abs(expected.getFloat() - actual.getFloat()));
    }
    return largest;
  }
}
