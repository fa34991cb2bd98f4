package io.fundamentallm.runtime.cpu.format.gguf;

import io.fundamentallm.internal.gguf.GgufSplit;
import io.fundamentallm.runtime.cpu.format.tensor.MappedFile;
import io.fundamentallm.runtime.cpu.format.tensor.Tensor;
import io.fundamentallm.runtime.cpu.format.tensor.TensorFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The files of one model, as llama.cpp's gguf-split cuts it: the keys {@code split.no} and {@code
 * split.count} say which part of how many a file is, and {@code split.tensors.count} how many
 * tensors all parts have. A file without these keys is whole.
 */
final class GgufParts {
  private static final String NUMBER = "split.no";
  private static final String COUNT = "split.count";
  private static final String TENSORS = "split.tensors.count";

  private final Path first;
  private final GgufKeys keys;
  private final int count;
  private final List<MappedFile> files = new ArrayList<>();
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();

  /** Begins with the first file. */
  GgufParts(Path first, GgufKeys keys) throws IOException {
    this.first = first;
    this.keys = keys;
    requireFirst(first, keys);
    count = count(keys);
  }

  /** Refuses a file that is a later part. */
  static void requireFirst(Path file, GgufKeys keys) throws IOException {
    if (count(keys) > 1 && keys.real(NUMBER, 0) != 0) {
      GgufSplit name = GgufSplit.of(file);
      throw keys.problem(
          NUMBER,
          "so this is a later part of a model; name the first"
              + (name == null ? "" : ", " + name.part(1)));
    }
  }

  private static int count(GgufKeys keys) throws IOException {
    // writers give a model in one file the count 0 or 1
    return keys.real(COUNT, 1) == 0 ? 1 : keys.size(COUNT, 1);
  }

  /** The number of files. */
  int count() {
    return count;
  }

  /** The file of a later part, from 2. */
  Path file(int number) throws IOException {
    GgufSplit name = GgufSplit.of(first);
    if (name == null || name.count() != count) {
      throw keys.problem(COUNT, "but the file's name is not that of the first of as many");
    }
    Path file = name.part(number);
    if (!Files.isRegularFile(file)) {
      throw keys.problem(COUNT, "but " + file + " is missing");
    }
    return file;
  }

  /** Refuses keys of a part that are not those of its place. */
  void require(int number, GgufKeys keys) throws IOException {
    if (keys.real(COUNT) != count) {
      throw keys.problem(COUNT, "expected " + count + ", as in " + first);
    }
    if (keys.real(NUMBER) != number - 1) {
      throw keys.problem(NUMBER, "expected " + (number - 1) + " because of the file's name");
    }
  }

  /** Takes ownership of an open file. */
  void own(MappedFile file) {
    files.add(file);
  }

  /** Adds the tensors of a part. */
  void add(Map<String, Tensor> some) throws IOException {
    for (Map.Entry<String, Tensor> tensor : some.entrySet()) {
      if (tensors.putIfAbsent(tensor.getKey(), tensor.getValue()) != null) {
        throw tensor.getValue().problem("occurs in an earlier part, too");
      }
    }
  }

  /** The tensors of all parts. */
  TensorFiles all() throws IOException {
    if (count > 1 && keys.has(TENSORS) && keys.real(TENSORS) != tensors.size()) {
      throw keys.problem(TENSORS, "but the parts have " + tensors.size());
    }
    return new TensorFiles(first, files, tensors);
  }

  void close() throws IOException {
    TensorFiles.closeAll(files);
  }
}
