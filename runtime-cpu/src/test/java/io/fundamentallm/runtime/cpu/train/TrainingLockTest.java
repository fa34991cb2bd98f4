package io.fundamentallm.runtime.cpu.train;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.internal.files.DirectoryLock;
import io.fundamentallm.training.TokenSequence;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingListener;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.TrainingResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several trainings into one directory. */
@Tag("once")
class TrainingLockTest {
  @TempDir private Path folder;

  private static TrainingPlan plan(Path directory, int steps) {
    return TrainingPlan.builder(directory)
        .architecture("gpt2(layers=1,heads=2,hidden-size=8)")
        .contextLength(8)
        .batchSize(2)
        .steps(steps)
        .checkpoints(3, 2)
        .resume()
        .build();
  }

  private static TrainingResult train(Path directory, int steps, TrainingListener... listeners)
      throws IOException {
    int[] text = IntStream.range(0, 200).map(i -> i * i % 7).toArray();
    TrainingData data =
        new TrainingData(new DigitTokenizer(), TokenSequence.of(text), TokenSequence.of());
    return new CpuTrainer(1).train(data, plan(directory, steps), listeners);
  }

  /** Trains in a process of its own; says how it went in its last line. */
  public static void main(String[] arguments) throws IOException {
    Path directory = Path.of(arguments[0]);
    int steps = Integer.parseInt(arguments[1]);
    System.in.read(); // until the test lets it begin
    try {
      train(
          directory,
          steps,
          new TrainingListener() {
            @Override
            public void onCheckpoint(int step, Path where) {
              System.out.println("checkpoint");
            }
          });
      System.out.println("trained");
    } catch (IOException e) {
      System.out.println(e.getMessage());
    }
  }

  private Process start(String steps) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            TrainingLockTest.class.getName(),
            folder.resolve("model").toString(),
            steps)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private static void begin(Process process) throws IOException {
    process.getOutputStream().write('\n');
    process.getOutputStream().flush();
  }

  private static String lastLine(Process process) throws Exception {
    List<String> lines =
        new String(process.getInputStream().readAllBytes(), UTF_8).lines().toList();
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(lines.toString()).isZero();
    return lines.get(lines.size() - 1);
  }

  private static String busy(String who, Path directory) {
    return "another "
        + who
        + " is training into "
        + directory
        + "; wait until it has ended, or train into another directory";
  }

  @Test
  void a_second_process_is_told_and_the_first_ends_as_if_alone() throws Exception {
    Path directory = folder.resolve("model");
    List<Process> others = new ArrayList<>();
    TrainingListener together =
        new TrainingListener() {
          @Override
          public void onCheckpoint(int step, Path where) {
            try {
              if (step == 6) {
                others.add(start("30"));
                begin(others.get(0));
                assertThat(lastLine(others.get(0))).isEqualTo(busy("process", directory));
              }
            } catch (Exception e) {
              throw new IllegalStateException(e);
            }
          }
        };
    train(directory, 30, together);
    assertThat(others).hasSize(1);
    train(folder.resolve("alone"), 30);
    assertThat(directory.resolve("model.safetensors"))
        .hasSameBinaryContentAs(folder.resolve("alone/model.safetensors"));
  }

  @Test
  void of_processes_that_begin_together_each_trains_or_is_told() throws Exception {
    List<Process> processes = List.of(start("60"), start("60"), start("60"));
    for (Process process : processes) {
      begin(process);
    }
    List<String> ends = new ArrayList<>();
    for (Process process : processes) {
      ends.add(lastLine(process));
    }
    assertThat(ends)
        .contains("trained")
        .allMatch(
            end -> end.equals("trained") || end.equals(busy("process", folder.resolve("model"))));
    train(folder.resolve("alone"), 60);
    assertThat(folder.resolve("model/model.safetensors"))
        .hasSameBinaryContentAs(folder.resolve("alone/model.safetensors"));
  }

  @Test
  void the_lock_is_gone_with_a_killed_process() throws Exception {
    Path directory = folder.resolve("model");
    Process killed = start("9999999");
    begin(killed);
    assertThat(killed.inputReader().readLine()).isEqualTo("checkpoint");
    assertThatIOException()
        .isThrownBy(() -> train(directory, 9_999_999))
        .withMessage(busy("process", directory));
    killed.destroyForcibly();
    assertThat(killed.waitFor(10, TimeUnit.MINUTES)).isTrue();
    assertThat(directory.resolve(".training.lock")).exists();
    TrainingListener stop =
        new TrainingListener() {
          @Override
          public void onStep(Progress progress) {
            assertThat(progress.step()).isGreaterThan(3);
            throw new IllegalStateException("went on");
          }
        };
    assertThatIllegalStateException()
        .isThrownBy(() -> train(directory, 9_999_999, stop))
        .withMessage("went on");
  }

  /** A refused thread does not take the lock from the first one, as closing its file would. */
  @Test
  void a_second_thread_is_told_and_the_lock_still_keeps_processes_out() throws Exception {
    Path directory = folder.resolve("model");
    List<Path> names = names(directory);
    TrainingListener second =
        new TrainingListener() {
          @Override
          public void onCheckpoint(int step, Path where) {
            if (step > 3) {
              return;
            }
            for (Path name : names) {
              String message = CompletableFuture.supplyAsync(() -> failure(name)).join();
              assertThat(message).isEqualTo(busy("thread of this process", name));
            }
            try {
              Process process = start("9");
              begin(process);
              assertThat(lastLine(process)).isEqualTo(busy("process", directory));
            } catch (Exception e) {
              throw new IllegalStateException(e);
            }
          }
        };
    assertThat(train(directory, 9, second).steps()).isEqualTo(9);
    assertThat(CompletableFuture.supplyAsync(() -> failure(directory)).join()).isEqualTo("none");
  }

  /** The directory's own, and a link where the system lets this user make one. */
  private List<Path> names(Path directory) throws IOException {
    try {
      return List.of(directory, Files.createSymbolicLink(folder.resolve("alias"), directory));
    } catch (FileSystemException | UnsupportedOperationException e) {
      return List.of(directory);
    }
  }

  /** As in a container that gives each application a class loader with the library in it. */
  @Test
  void a_copy_in_another_class_loader_is_told_and_the_lock_still_keeps_processes_out()
      throws Exception {
    Path directory = folder.resolve("model");
    URL library = DirectoryLock.class.getProtectionDomain().getCodeSource().getLocation();
    try (URLClassLoader loader = new URLClassLoader(new URL[] {library}, null)) {
      Method copy = loader.loadClass(DirectoryLock.class.getName()).getMethod("hold", Path.class);
      try (DirectoryLock held = DirectoryLock.hold(directory)) {
        assertThat(held).isNotNull();
        for (int i = 0; i < 2; i++) {
          assertThatThrownBy(() -> copy.invoke(null, directory))
              .cause()
              .hasMessage(busy("part of this process", directory));
          Process process = start("9");
          begin(process);
          assertThat(lastLine(process)).isEqualTo(busy("process", directory));
        }
      }
      for (int i = 0; i < 2; i++) {
        try (AutoCloseable held = (AutoCloseable) copy.invoke(null, directory)) {
          assertThat(held).isNotNull();
          assertThatIOException()
              .isThrownBy(() -> DirectoryLock.hold(directory))
              .withMessage(busy("part of this process", directory));
        }
      }
    }
    assertThat(failure(directory)).isEqualTo("none");
  }

  private static String failure(Path directory) {
    try {
      train(directory, 9);
      return "none";
    } catch (IOException e) {
      return e.getMessage();
    } catch (RuntimeException e) {
      throw new UncheckedIOException(new IOException(e));
    }
  }

  @Test
  void what_cannot_be_trained_makes_no_directory() {
    TrainingData none =
        new TrainingData(new DigitTokenizer(), TokenSequence.of(1), TokenSequence.of());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new CpuTrainer(1).train(none, plan(folder.resolve("model"), 3)));
    assertThat(folder.resolve("model")).doesNotExist();
  }
}
