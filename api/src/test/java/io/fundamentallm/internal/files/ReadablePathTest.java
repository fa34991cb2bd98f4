package io.fundamentallm.internal.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.evaluation.EvaluationTask;
import io.fundamentallm.internal.json.JsonObject;
import io.fundamentallm.text.TextCorpus;
import io.fundamentallm.text.TextLines;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.training.TokenFile;
import io.fundamentallm.training.TrainingData;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever reads a file says the same of one that does not exist. */
class ReadablePathTest {
  private static final Tokenizer BYTES = ByteTokenizer.withBeginAndEnd();

  @TempDir Path folder;

  /** Each with what it reads, as a caller has it. */
  private Map<String, ThrowingCallable> readers(Path file) {
    Map<String, ThrowingCallable> readers = new LinkedHashMap<>();
    readers.put("preferences", () -> TrainingData.ofPreferences(BYTES, 0.9, file));
    readers.put("corpus", () -> TextCorpus.ofFiles(file).forEach(text -> {}));
    readers.put("records", () -> TextCorpus.ofFiles(file).jsonLines("text").forEach(text -> {}));
    readers.put("lines", () -> TextLines.of(file).forEach(line -> {}));
    readers.put(
        "tokens to write",
        () -> TokenFile.write(folder.resolve("tokens"), BYTES, TextCorpus.ofFiles(file)));
    readers.put("tokens", () -> TokenFile.open(file, 258));
    readers.put("task", () -> EvaluationTask.load("piqa", file));
    readers.put("configuration", () -> JsonObject.read(file));
    return readers;
  }

  @Test
  void a_file_that_does_not_exist_is_said_not_to() {
    Path nowhere = folder.resolve("nowhere.txt");
    Map<String, ThrowingCallable> readers = readers(nowhere);
    readers.put("directory", () -> TextCorpus.ofDirectory(nowhere, "**.txt"));
    readers.forEach(
        (name, reader) ->
            assertThat(reason(reader))
                .as(name)
                .isInstanceOf(NoSuchFileException.class)
                .hasMessage(nowhere + ": there is no such file or directory"));
  }

  @Test
  void a_directory_is_no_file_and_a_file_no_directory() throws IOException {
    readers(folder)
        .forEach(
            (name, reader) ->
                assertThat(reason(reader))
                    .as(name)
                    .isInstanceOf(IOException.class)
                    .hasMessage(folder + ": it is a directory; expected a file"));
    Path file = Files.createFile(folder.resolve("file"));
    assertThat(reason(() -> TextCorpus.ofDirectory(file, "**.txt")))
        .isInstanceOf(IOException.class)
        .hasMessage(file + ": it is a file; expected a directory");
  }

  /** Iterators wrap it. */
  private static Throwable reason(ThrowingCallable reader) {
    Throwable thrown = catchThrowable(reader);
    return thrown instanceof UncheckedIOException wrapped ? wrapped.getCause() : thrown;
  }
}
