package io.fundamentallm.internal.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonObjectTest {
  @TempDir private Path directory;

  private Path file(String json) throws IOException {
    return Files.writeString(directory.resolve("a.json"), json);
  }

  @Test
  void a_file_has_no_more_values_than_its_length_deserves() throws IOException {
    assertThat(JsonObject.read(file("{\"a\":[" + "0,".repeat(9_000) + "0]}")).names()).hasSize(1);
    Path file = file("{\"a\":[" + "[],".repeat(100_000) + "0]}");
    assertThatIOException()
        .isThrownBy(() -> JsonObject.read(file))
        .withMessageStartingWith(file + ": malformed JSON at byte ")
        .withMessageContaining("at most 47501 values");
  }

  @Test
  void a_mistake_is_told_with_its_byte() throws IOException {
    Path file = file("{\"aé€🙂\":nil}");
    assertThatIOException()
        .isThrownBy(() -> JsonObject.read(file))
        .withMessageContaining("malformed JSON at byte 14: expected null");
  }

  @Test
  void a_file_that_ends_too_early_is_to_be_copied_again() throws IOException {
    Path file = file("{\"a\": 1, \"b\": [2");
    assertThatIOException()
        .isThrownBy(() -> JsonObject.read(file))
        .withMessageStartingWith(file + ": malformed JSON at byte 16: expected ")
        .withMessageEndingWith("; the file ends there: copy or download it again");
  }

  @Test
  void long_keys_and_values_are_cut_in_messages() throws IOException {
    String key = "k".repeat(1000);
    String cut = "\"" + "k".repeat(100) + "…\"";
    JsonObject json =
        JsonObject.read(file("{\"%s\":{\"a\":\"%s\"}}".formatted(key, "v".repeat(1000))));
    assertThatIOException().isThrownBy(() -> json.size(key)).withMessageContaining(cut + " is {…}");
    assertThatIOException()
        .isThrownBy(() -> json.within(key).size("a"))
        .withMessageContaining(", " + cut + ": \"a\" is " + "v".repeat(100) + "…, expected");
    assertThatIOException()
        .isThrownBy(() -> json.within(key).real(key))
        .withMessageEndingWith("has no " + cut);
  }
}
