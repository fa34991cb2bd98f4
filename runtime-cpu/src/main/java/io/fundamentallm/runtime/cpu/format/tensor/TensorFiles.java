package io.fundamentallm.runtime.cpu.format.tensor;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** The tensors of one model, in one open file or several. */
public final class TensorFiles implements Closeable {
  private final Path place;
  private final List<MappedFile> files;
  private final Map<String, Tensor> tensors;

  /**
   * Takes ownership of open files.
   *
   * @param place the file to name if a tensor is missing
   * @param tensors all of them by name
   */
  public TensorFiles(Path place, List<MappedFile> files, Map<String, Tensor> tensors) {
    this.place = place;
    this.files = List.copyOf(files);
    this.tensors = Collections.unmodifiableMap(tensors);
  }

  /** The file to name if something is missing. */
  public Path place() {
    return place;
  }

  public Map<String, Tensor> tensors() {
    return tensors;
  }

  /** The tensor of that name. */
  public Tensor tensor(String name) throws IOException {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new IOException(place + ": has no tensor \"" + name + "\"");
    }
    return tensor;
  }

  /**
   * Refuses a configuration with more layers than there are tensors, before anything is allocated
   * for a layer.
   */
  public int requireLayers(int layers) throws IOException {
    if (layers > tensors.size()) {
      throw new IOException(
          place
              + ": "
              + tensors.size()
              + " tensors are too few for the "
              + layers
              + " layers of the configuration");
    }
    return layers;
  }

  /** Lets all bytes of tensors be counted that are read from now on. */
  public void count(ReadProgress progress) {
    files.forEach(file -> file.count(progress));
  }

  @Override
  public void close() throws IOException {
    closeAll(files);
  }

  /** Closes every file, even when closing one fails. */
  public static void closeAll(List<MappedFile> files) throws IOException {
    IOException failure = null;
    for (MappedFile file : files) {
      try {
        file.close();
      } catch (IOException e) {
        failure = e;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
