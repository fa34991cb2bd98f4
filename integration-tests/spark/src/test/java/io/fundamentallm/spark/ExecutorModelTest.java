package io.fundamentallm.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExecutorModelTest {
  @TempDir Path folder;

  /** As {@code model} is, in one session and in the next. */
  @Test
  void a_name_is_no_longer_the_model_that_it_was() throws IOException {
    Path other = Files.createDirectory(folder.resolve("other"));
    Tokenizers.learn("character", "abc").save(other);
    Path name = folder.resolve("name");
    ExecutorModel model = new ExecutorModel(name.toString(), "cpu(threads=1)");

    Files.createSymbolicLink(name, Novel.model());
    assertThat(model.generator().tokenizer()).isSameAs(model.tokenizer());
    assertThat(model.generator())
        .isSameAs(new ExecutorModel(Novel.model().toString(), "cpu(threads=1)").generator());
    assertThat(model.tokenizer().vocabulary().size()).isEqualTo(300);

    Files.delete(name);
    Files.createSymbolicLink(name, other);
    assertThat(model.tokenizer().vocabulary().size()).isEqualTo(6);
  }
}
