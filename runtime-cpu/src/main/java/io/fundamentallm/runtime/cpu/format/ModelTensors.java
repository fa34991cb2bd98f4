package io.fundamentallm.runtime.cpu.format;

import io.fundamentallm.runtime.cpu.format.tensor.ReadProgress;
import io.fundamentallm.runtime.cpu.format.tensor.Tensor;
import io.fundamentallm.runtime.cpu.format.tensor.TensorFiles;
import java.io.IOException;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The tensors that a model takes from its files, so that leftovers can be reported. One thread at a
 * time.
 */
final class ModelTensors {
  private final TensorFiles files;
  private final String prefix;
  private final Set<String> taken = new HashSet<>();
  private long parameters;
  private long bytes;

  /**
   * Looks at the tensors of some files.
   *
   * @param prefix what may be missing from the names of all tensors: the module in which a language
   *     model keeps its transformer
   * @param probe the name, with the prefix, of a tensor that must exist; it shows whether the
   *     prefix is missing
   */
  ModelTensors(TensorFiles files, String prefix, String probe) {
    this.files = files;
    boolean bare = !files.tensors().containsKey(probe) && probe.startsWith(prefix);
    this.prefix = bare ? prefix : "";
  }

  /** Its name in the files. */
  private String bare(String name) {
    return name.startsWith(prefix) ? name.substring(prefix.length()) : name;
  }

  boolean has(String name) {
    return files.tensors().containsKey(bare(name));
  }

  /**
   * A tensor that the model has.
   *
   * @throws IOException when it is missing, or has another shape, or is not of a type for weights
   */
  Tensor take(String name, long... shape) throws IOException {
    Tensor tensor = files.tensor(bare(name)).require(shape);
    if (taken.add(tensor.name())) {
      parameters += tensor.elements();
      bytes += tensor.bytes();
    }
    return tensor;
  }

  /**
   * A tensor of bytes that the model has.
   *
   * @param parameters how many a byte stands for
   */
  Tensor takeBytes(String name, int parameters, long... shape) throws IOException {
    Tensor tensor = files.tensor(bare(name)).requireBytes(shape);
    if (taken.add(tensor.name())) {
      this.parameters += parameters * tensor.elements();
    }
    return tensor;
  }

  /** A tensor that the model may have; null if it does not. */
  @Nullable Tensor takeIfPresent(String name, long... shape) throws IOException {
    return has(name) ? take(name, shape) : null;
  }

  /** A tensor that is looked at but not counted. */
  Tensor look(String name) throws IOException {
    Tensor tensor = files.tensor(bare(name));
    taken.add(tensor.name());
    return tensor;
  }

  /** The number of elements taken. */
  long parameters() {
    return parameters;
  }

  /** Bytes of the tensors taken, in their files. */
  long bytes() {
    return bytes;
  }

  /** Lets what is read be counted. */
  void count(ReadProgress progress) {
    files.count(progress);
  }

  /**
   * Refuses weights that the model would not use.
   *
   * @param harmless names of tensors that are not weights
   */
  void requireAllTaken(Predicate<String> harmless) throws IOException {
    for (Map.Entry<String, Tensor> tensor : files.tensors().entrySet()) {
      if (!taken.contains(tensor.getKey()) && !harmless.test(tensor.getKey())) {
        throw tensor
            .getValue()
            .problem("is none that this architecture and configuration have a use for");
      }
    }
  }
}
