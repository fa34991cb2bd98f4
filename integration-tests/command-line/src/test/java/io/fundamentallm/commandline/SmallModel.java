package io.fundamentallm.commandline;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.fixtures.Austen;
import io.fundamentallm.fixtures.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;

/** What a user's first command leaves behind; trained once for all tests. */
final class SmallModel {
  private static final String[] SMALL =
      "--architecture gpt2(layers=1,heads=2,hidden-size=32) --batch-size 4 --context-length 32"
          .split(" ");

  private static Run training;
  private static Path folder;

  private SmallModel() {}

  /** The folder with {@code text.txt} and {@code model}. */
  static synchronized Path folder() throws IOException, InterruptedException {
    if (folder == null) {
      // beside what Maven builds, so that "clean" finds it
      folder = Files.createDirectories(Path.of("target", "small-model")).toAbsolutePath();
      folder = Files.createTempDirectory(folder, "run");
      Files.writeString(folder.resolve("text.txt"), Austen.TEXT.repeat(8));
      String[] characters = {"--tokenizer", "character(unknown=unk)"};
      String[] train = train("model", "--steps", "120", "--learning-rate", "0.01");
      training =
          Shell.in(folder)
              .run(Stream.of(train, characters).flatMap(Arrays::stream).toArray(String[]::new));
      assertThat(training.exit()).as(training.err()).isZero();
    }
    return folder;
  }

  /** How that training went. */
  static Run training() throws IOException, InterruptedException {
    folder();
    return training;
  }

  /** A command that trains a model of this size. */
  static String[] train(String out, String... more) {
    return Stream.of(new String[] {"train", "text.txt", "--out", out}, SMALL, more)
        .flatMap(Arrays::stream)
        .toArray(String[]::new);
  }

  static Shell shell() throws IOException, InterruptedException {
    return Shell.in(folder());
  }
}
