package io.fundamentallm.runtime.cpu.format;

import io.fundamentallm.internal.directory.AdapterConfig;
import io.fundamentallm.internal.directory.ModelSettings;
import io.fundamentallm.internal.files.ReadablePath;
import io.fundamentallm.runtime.cpu.format.safetensors.SafeTensors;
import io.fundamentallm.runtime.cpu.format.tensor.LowRank;
import io.fundamentallm.runtime.cpu.format.tensor.Tensor;
import io.fundamentallm.runtime.cpu.format.tensor.TensorFiles;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A LoRA adapter in the layout of PEFT: adapter_config.json and adapter_model.safetensors. Used by
 * one thread at a time, while a model is opened.
 */
final class LoraAdapter implements Closeable {
  static final String CONFIG = AdapterConfig.FILE;
  static final String WEIGHTS = "adapter_model.safetensors";

  /** PEFT's wrapper, the module's path, which factor, and the adapter's name if it was kept. */
  private static final Pattern NAME =
      Pattern.compile("base_model\\.model\\.(.+)\\.lora_([AB])(?:\\.default)?\\.weight");

  /** The magnitudes of DoRA; PEFT leaves the end away. */
  private static final Pattern MAGNITUDE =
      Pattern.compile(
          "base_model\\.model\\.(.+)\\.lora_magnitude_vector(?:\\.default)?(?:\\.weight)?");

  private final TensorFiles files;
  private final Map<String, LowRank> modules = new LinkedHashMap<>();
  private final Set<String> used = new HashSet<>();

  private LoraAdapter(TensorFiles files) {
    this.files = files;
  }

  /**
   * Opens an adapter.
   *
   * @throws IOException when a file is missing or malformed, or asks for something that this
   *     runtime does not implement; names file and place
   */
  static LoraAdapter open(Path directory) throws IOException {
    try {
      ReadablePath.require(directory);
    } catch (NoSuchFileException e) {
      throw new NoSuchFileException(
          e.getFile(), null, e.getReason() + "; expected a LoRA adapter's directory");
    }
    if (!Files.isRegularFile(directory.resolve(CONFIG))) {
      throw new IOException(
          directory
              + ": expected a LoRA adapter, a directory with "
              + CONFIG
              + " and "
              + WEIGHTS
              + " in PEFT's layout"
              + (Files.isRegularFile(directory.resolve(ModelSettings.CONFIG))
                  ? "; a whole model lies there, such as one into which an adapter was merged:"
                      + " load it itself, without adapter"
                  : ""));
    }
    LoraConfig config = LoraConfig.read(directory.resolve(CONFIG));
    Path weights = directory.resolve(WEIGHTS);
    if (!Files.isRegularFile(weights)) {
      throw new IOException(directory + ": there is no " + WEIGHTS);
    }
    LoraAdapter adapter = new LoraAdapter(SafeTensors.open(weights));
    try {
      adapter.collect(config);
      return adapter;
    } catch (IOException | RuntimeException | Error e) {
      adapter.close();
      throw e;
    }
  }

  private void collect(LoraConfig config) throws IOException {
    Map<String, Tensor> a = new LinkedHashMap<>();
    Map<String, Tensor> b = new LinkedHashMap<>();
    Map<String, Tensor> magnitudes = new LinkedHashMap<>();
    for (Tensor tensor : files.tensors().values()) {
      Matcher magnitude = MAGNITUDE.matcher(tensor.name());
      if (magnitude.matches()) {
        if (!config.decomposed()) {
          throw tensor.problem("is of an adapter with \"use_dora\", which " + CONFIG + " is not");
        }
        magnitudes.put(magnitude.group(1), tensor);
        continue;
      }
      Matcher name = NAME.matcher(tensor.name());
      if (!name.matches()) {
        throw tensor.problem("is no factor of a linear layer's adapter");
      }
      Tensor duplicate = (name.group(2).equals("A") ? a : b).put(name.group(1), tensor);
      if (duplicate != null) {
        throw tensor.problem("stands for the same factor as \"" + duplicate.name() + "\"");
      }
    }
    for (Map.Entry<String, Tensor> entry : b.entrySet()) {
      if (!a.containsKey(entry.getKey())) {
        throw entry.getValue().problem("lacks its lora_A");
      }
    }
    for (Map.Entry<String, Tensor> entry : a.entrySet()) {
      Tensor second = b.get(entry.getKey());
      if (second == null) {
        throw entry.getValue().problem("lacks its lora_B");
      }
      int rank = config.rank(entry.getKey());
      if (entry.getValue().dimensions() != 2 || entry.getValue().size(0) != rank) {
        throw entry.getValue().problem("does not have the rank " + rank + " of " + CONFIG);
      }
      float scale = config.scale(entry.getKey());
      Tensor magnitude = magnitudes.remove(entry.getKey());
      if (config.decomposed() && magnitude == null) {
        throw entry.getValue().problem("lacks its lora_magnitude_vector, as \"use_dora\" asks");
      }
      modules.put(entry.getKey(), new LowRank(entry.getValue(), second, scale, magnitude));
    }
    for (Tensor alone : magnitudes.values()) {
      throw alone.problem("lacks its lora_A");
    }
  }

  /**
   * What the adapter adds to a module; null for nothing.
   *
   * @param module its path in a language model
   * @param prefix what may be missing from it, if the adapter was made for the transformer alone
   */
  @Nullable LowRank of(String module, String prefix) {
    String bare = module.startsWith(prefix) ? module.substring(prefix.length()) : module;
    String key = modules.containsKey(module) ? module : bare;
    used.add(key);
    return modules.get(key);
  }

  /** Refuses an adapter if no module asked for some part of it. */
  void requireAllUsed() throws IOException {
    for (Map.Entry<String, LowRank> module : modules.entrySet()) {
      if (!used.contains(module.getKey())) {
        throw module
            .getValue()
            .a()
            .problem(
                "belongs to \"" + module.getKey() + "\", which is no linear layer of the model");
      }
    }
  }

  @Override
  public void close() throws IOException {
    files.close();
  }
}
