package io.fundamentallm.runtime.cpu.format.safetensors;

import io.fundamentallm.internal.files.Uninterrupted;
import io.fundamentallm.internal.json.Json;
import io.fundamentallm.internal.json.JsonObject;
import io.fundamentallm.runtime.cpu.format.tensor.MappedFile;
import io.fundamentallm.runtime.cpu.format.tensor.Tensor;
import io.fundamentallm.runtime.cpu.format.tensor.TensorFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Opens safetensors files: eight bytes of header length, a JSON header with type, shape and place
 * of each tensor, then the bytes of all tensors without gaps (Hugging Face's format). A large model
 * is several such files, the shards, and an index in JSON that says which shard has which tensor.
 */
public final class SafeTensors {
  private static final String WHOLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";
  private static final String SUFFIX = ".safetensors";

  private SafeTensors() {}

  /** The file that says where a model's tensors are; null if a directory has none. */
  public static @Nullable Path find(Path directory) {
    for (String name : List.of(WHOLE, INDEX)) {
      if (Files.isRegularFile(directory.resolve(name))) {
        return directory.resolve(name);
      }
    }
    return null;
  }

  /**
   * Opens one file, or all that an index names.
   *
   * @throws IOException when one cannot be read or is incomplete, or they do not match; names file
   *     and tensor or byte
   */
  public static TensorFiles open(Path file) throws IOException {
    List<MappedFile> files = new ArrayList<>();
    try {
      Map<String, Tensor> tensors =
          file.endsWith(INDEX) ? sharded(file, files) : tensors(file, files);
      return new TensorFiles(file, files, tensors);
    } catch (IOException | RuntimeException e) {
      TensorFiles.closeAll(files);
      throw e;
    }
  }

  private static Map<String, Tensor> tensors(Path path, List<MappedFile> files) throws IOException {
    return Uninterrupted.read(() -> read(path, files));
  }

  private static Map<String, Tensor> read(Path path, List<MappedFile> files) throws IOException {
    MappedFile file = MappedFile.open(path);
    files.add(file);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    SafeTensorsHeader.read(path, file.channel())
        .forEach(
            (name, entry) ->
                tensors.put(
                    name,
                    new Tensor(
                        file, name, entry.type(), entry.shape(), entry.begin(), entry.end())));
    return tensors;
  }

  private static Map<String, Tensor> sharded(Path index, List<MappedFile> files)
      throws IOException {
    JsonObject map = JsonObject.read(index).object("weight_map");
    if (map == null) {
      throw new IOException(index + ": has no \"weight_map\"");
    }
    Map<String, Map<String, Tensor>> shards = new LinkedHashMap<>();
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (String name : map.names()) {
      String shard = map.text(name);
      if (shard == null) {
        throw map.problem(name, "expected the name of a file");
      }
      if (!shards.containsKey(shard)) {
        shards.put(shard, tensors(shard(index, map, name, shard), files));
      }
      Tensor tensor = shards.get(shard).get(name);
      if (tensor == null) {
        throw map.problem(name, "which has no such tensor");
      }
      tensors.put(name, tensor);
    }
    for (Map.Entry<String, Map<String, Tensor>> shard : shards.entrySet()) {
      for (Tensor tensor : shard.getValue().values()) {
        if (tensors.get(tensor.name()) != tensor) {
          throw tensor.problem(
              map.names().contains(tensor.name())
                  ? "lies in another file according to " + index
                  : "is not in " + index);
        }
      }
    }
    return tensors;
  }

  /** An index may only name files beside it. */
  private static Path shard(Path index, JsonObject map, String tensor, String name)
      throws IOException {
    try {
      boolean plain = name.endsWith(SUFFIX) && name.indexOf('/') < 0 && name.indexOf('\\') < 0;
      Path file = index.resolveSibling(name);
      if (!plain || !name.equals(String.valueOf(file.getFileName()))) {
        throw map.problem(tensor, "expected the name of a " + SUFFIX + " file beside the index");
      }
      if (!Files.isRegularFile(file)) {
        throw map.problem(tensor, "a file that is missing");
      }
      return file;
    } catch (InvalidPathException e) {
      throw new IOException(index + ": \"" + Json.shown(tensor) + "\" lies in no possible file", e);
    }
  }
}
