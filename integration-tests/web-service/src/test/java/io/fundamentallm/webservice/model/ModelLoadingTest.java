package io.fundamentallm.webservice.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.fixtures.TinyChat;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelLoadingTest {
  @TempDir Path folder;

  @Test
  void a_model_is_called_by_its_directory_or_file() {
    assertThat(ModelSource.nameOf(Path.of("models", "novel"))).isEqualTo("novel");
    assertThat(ModelSource.nameOf(Path.of("models", "novel", "."))).isEqualTo("novel");
    assertThat(ModelSource.nameOf(Path.of("models", "novel.gguf"))).isEqualTo("novel");
    assertThat(ModelSource.nameOf(Path.of("/"))).isEqualTo("model");
  }

  @Test
  void a_symbolic_link_is_as_large_as_what_it_leads_to() throws Exception {
    Path model = TinyChat.directory();
    Path link = Files.createSymbolicLink(folder.resolve("link"), model.toAbsolutePath());
    long bytes = ModelDescription.of(new ModelSource("a", model, null, null)).bytes();
    assertThat(bytes).isPositive();
    assertThat(ModelDescription.of(new ModelSource("a", link, null, null)).bytes())
        .isEqualTo(bytes);
    assertThat(ModelLoading.files(link)).isEqualTo(ModelLoading.files(model));
  }

  @Test
  void a_changed_file_is_noticed() throws Exception {
    Path weights = Files.writeString(folder.resolve("model.safetensors"), "abc");
    Files.setLastModifiedTime(weights, FileTime.fromMillis(1_000));
    String before = ModelLoading.files(folder);
    assertThat(ModelLoading.files(folder)).isEqualTo(before).contains("model.safetensors");

    Files.setLastModifiedTime(weights, FileTime.fromMillis(2_000));
    String touched = ModelLoading.files(folder);
    Files.writeString(folder.resolve("generation_config.json"), "{}");
    String added = ModelLoading.files(folder);

    assertThat(touched).isNotEqualTo(before);
    assertThat(added).isNotEqualTo(touched);
    assertThat(ModelLoading.files(weights)).contains("3"); // a model of one file
  }
}
