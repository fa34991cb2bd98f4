package io.fundamentallm.runtime.cpu.reference;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Writes config.json, generation_config.json and model.safetensors as save_pretrained does. */
final class HuggingFaceFiles {
  /** A tensor as a file has it; its shape has the outermost dimension first. */
  record Stored(String type, int[] shape, byte[] bytes) {
    static Stored of(Tensor tensor, Precision precision) {
      return new Stored(precision.name(), tensor.shape(), precision.bytes(tensor.values()));
    }
  }

  private HuggingFaceFiles() {}

  /** All tensors in one file. */
  static void write(HuggingFaceModel model, Precision precision, Path directory)
      throws IOException {
    writeConfig(model, directory);
    safetensors(directory.resolve("model.safetensors"), precision, model.tensors());
  }

  /** Tensors dealt out to several files, with their index. */
  static void writeShards(HuggingFaceModel model, Precision precision, int shards, Path directory)
      throws IOException {
    writeConfig(model, directory);
    List<Map<String, Tensor>> parts = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (int i = 0; i < shards; i++) {
      parts.add(new LinkedHashMap<>());
      names.add(String.format(Locale.ROOT, "model-%05d-of-%05d.safetensors", i + 1, shards));
    }
    Map<String, Object> index = new LinkedHashMap<>();
    long size = 0;
    int next = 0;
    for (Map.Entry<String, Tensor> entry : model.tensors().entrySet()) {
      int shard = next * shards / model.tensors().size();
      parts.get(shard).put(entry.getKey(), entry.getValue());
      index.put(entry.getKey(), names.get(shard));
      size += precision.bytes(entry.getValue().values()).length;
      next++;
    }
    for (int i = 0; i < shards; i++) {
      safetensors(directory.resolve(names.get(i)), precision, parts.get(i));
    }
    Map<String, Object> file = new LinkedHashMap<>();
    file.put("metadata", Map.of("total_size", size));
    file.put("weight_map", index);
    Files.writeString(directory.resolve("model.safetensors.index.json"), Json.of(file));
  }

  static void writeConfig(HuggingFaceModel model, Path directory) throws IOException {
    Files.createDirectories(directory);
    Files.writeString(directory.resolve("config.json"), Json.of(model.config()) + "\n");
    Map<String, Object> generation = new LinkedHashMap<>();
    generation.put("_from_model_config", true);
    generation.put("bos_token_id", model.config().get("bos_token_id"));
    generation.put("eos_token_id", model.config().get("eos_token_id"));
    Files.writeString(directory.resolve("generation_config.json"), Json.of(generation) + "\n");
  }

  private static void safetensors(Path file, Precision precision, Map<String, Tensor> tensors)
      throws IOException {
    Map<String, Stored> stored = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> stored.put(name, Stored.of(tensor, precision)));
    safetensors(file, stored);
  }

  static void safetensors(Path file, Map<String, Stored> tensors) throws IOException {
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    Map<String, Object> header = new LinkedHashMap<>();
    header.put("__metadata__", Map.of("format", "pt"));
    for (Map.Entry<String, Stored> entry : tensors.entrySet()) {
      int begin = data.size();
      data.write(entry.getValue().bytes);
      List<Integer> shape = new ArrayList<>();
      for (int dimension : entry.getValue().shape) {
        shape.add(dimension);
      }
      Map<String, Object> described = new LinkedHashMap<>();
      described.put("dtype", entry.getValue().type);
      described.put("shape", shape);
      described.put("data_offsets", List.of(begin, data.size()));
      header.put(entry.getKey(), described);
    }
    String json = Json.of(header);
    int padded = (json.length() + 7) / 8 * 8;
    byte[] head = (json + " ".repeat(padded - json.length())).getBytes(StandardCharsets.UTF_8);
    ByteBuffer out = ByteBuffer.allocate(8 + head.length + data.size());
    out.order(ByteOrder.LITTLE_ENDIAN).putLong(head.length).put(head).put(data.toByteArray());
    Files.write(file, out.array());
  }
}
