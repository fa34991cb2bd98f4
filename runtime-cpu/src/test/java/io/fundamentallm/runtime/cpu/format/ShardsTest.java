package io.fundamentallm.runtime.cpu.format;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShardsTest {
  @TempDir private Path folder;
  private Path index;

  @BeforeEach
  void write() throws IOException {
    TinyModel model = TinyModel.gpt2().writeConfig(folder);
    SafeTensorsBytes.writeShards(folder, model.tensors, "F32", 10);
    index = folder.resolve("model.safetensors.index.json");
  }

  private void refuses(String... messages) {
    assertThatThrownBy(() -> ModelFiles.open(folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(folder.toString())
        .hasMessageContainingAll(messages);
  }

  private void edit(String from, String to) throws IOException {
    String text = Files.readString(index);
    Files.writeString(index, text.replaceFirst(from, to));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../model-00000.safetensors",
        "/etc/model-00000.safetensors",
        "sub/model-00000.safetensors",
        "..",
        "",
        "..\\\\\\\\model.safetensors",
        "config.json",
        "a\\\\u0000.safetensors"
      })
  void an_index_may_not_name_files_elsewhere(String name) throws IOException {
    edit("model-00000.safetensors", name);
    refuses(index.toString(), "\"transformer.wte.weight\"");
  }

  @Test
  void a_missing_shard_is_named() throws IOException {
    Files.delete(folder.resolve("model-00001.safetensors"));
    refuses(index.toString(), "model-00001.safetensors, a file that is missing");
  }

  @Test
  void a_tensor_must_lie_in_the_shard_that_the_index_names() throws IOException {
    edit("model-00000.safetensors", "model-00001.safetensors");
    refuses(index.toString(), "transformer.wte.weight", "which has no such tensor");
  }

  @Test
  void a_tensor_may_not_lie_in_two_shards() throws IOException {
    TinyModel model = TinyModel.gpt2();
    Map<String, Weights> second = new LinkedHashMap<>();
    List<String> names = List.copyOf(model.tensors.keySet());
    for (String name : names.subList(10, 20)) {
      second.put(name, model.tensor(name));
    }
    second.put(names.get(0), model.tensor(names.get(0)));
    Files.write(folder.resolve("model-00001.safetensors"), SafeTensorsBytes.of(second, "F32"));
    refuses("model-00001.safetensors", names.get(0), "lies in another file according to " + index);
  }

  @Test
  void a_tensor_that_the_index_does_not_name_is_refused() throws IOException {
    edit("\"transformer.wpe.weight\": \"model-00000.safetensors\", ", "");
    refuses("model-00000.safetensors", "\"transformer.wpe.weight\" at byte", "is not in");
  }

  @Test
  void an_index_without_a_map_or_with_a_key_twice_is_refused() throws IOException {
    edit("weight_map", "weights");
    refuses(index.toString(), "has no \"weight_map\"");
    Files.writeString(index, "{\"weight_map\":{\"a\":\"b\",\"a\":\"c\"}}");
    refuses(index.toString(), "no second");
    Files.writeString(index, "{\"weight_map\":{\"a\":1}}");
    refuses(index.toString(), "\"a\" is 1, expected a text");
  }
}
