package io.fundamentallm.runtime.cpu;

import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.LoadingListener;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.runtime.cpu.format.ModelFiles;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.product.Precision;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.model.CpuLanguageModel;
import io.fundamentallm.runtime.cpu.model.KvCache;
import io.fundamentallm.runtime.cpu.model.Matrix;
import io.fundamentallm.spi.LanguageModelProvider;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Support;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The runtime {@code cpu}: runs decoder-only transformers of the GPT-2, GPT-NeoX and Llama families
 * in pure Java, from Hugging Face directories and GGUF files. It uses the Vector API if the JVM
 * runs with {@code --add-modules jdk.incubator.vector}. Options:
 *
 * <ul>
 *   <li>{@code threads}: threads for a pass, by default one for each processor; the results do not
 *       depend on it
 *   <li>{@code weights}: {@code auto}, the default: as they are in the file, 16-bit floats and
 *       quantised blocks too; {@code f32}; {@code int8} or {@code int4}, quantised when loaded,
 *       with a scale for each 32 weights; int4 keeps the last matrix of each feed-forward layer in
 *       int8
 *   <li>{@code precision}: of large products with many rows, where oneDNN computes them. {@code
 *       auto}, the default: 32-bit weights in 32 bits, all others in BF16 with 32-bit sums where
 *       the processor multiplies that; {@code f32}: none in BF16; {@code bf16}: all, an error where
 *       it can't be
 *   <li>{@code cache}: {@code f32}, the default, {@code f16} or {@code int8} keys and values
 *   <li>{@code cache-memory}: bytes that the keys and values of all sessions may take, such as
 *       {@code 512m} or {@code 2g}; by default three quarters of the heap left over by the weights
 *   <li>{@code adapter}: directory of a LoRA adapter in PEFT's layout, added to the weights
 * </ul>
 */
public final class CpuRuntimeProvider implements LanguageModelProvider {
  private static final Pattern SIZE = Pattern.compile("([0-9]{1,15})([kmg]?)b?");

  /** For ServiceLoader. */
  public CpuRuntimeProvider() {}

  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public Support supports(Path directory) {
    return ModelFiles.supports(directory);
  }

  @Override
  public LanguageModel load(Path directory, Options options) throws IOException {
    return load(directory, options, LoadingListener.none());
  }

  @Override
  public LanguageModel load(Path directory, Options options, LoadingListener listener)
      throws IOException {
    int threads = threads(options);
    Matrix.Format weights = weights(options);
    KvCache.Format cache =
        KvCache.Format.valueOf(
            options.choice("cache", "f32", List.of("f32", "f16", "int8")).toUpperCase(Locale.ROOT));
    OptionalLong budget = size(options, "cache-memory");
    String adapter = options.text("adapter", "");
    Precision precision = precision(options);
    options.requireAllUsed(); // before the weights of a large model are read
    Kernels kernels = Kernels.best().with(precision);
    Parallel parallel = Parallel.ofThreads(threads);
    try (ModelFiles files =
        ModelFiles.open(directory, adapter.isEmpty() ? null : Path.of(adapter))) {
      files.report(listener);
      ModelInfo.Builder description =
          ModelInfo.builder(
                  files.config().architecture(),
                  files.config().vocabularySize(),
                  files.config().contextLength())
              .parameters(files.parameters())
              .beginToken(files.begin())
              .endTokens(files.end());
      return CpuLanguageModel.load(
          files.config(), files.weights(), weights, description, kernels, parallel, cache, budget);
    } catch (IOException | RuntimeException | Error e) {
      parallel.close();
      throw e;
    }
  }

  private static Matrix.@Nullable Format weights(Options options) {
    String name = options.choice("weights", "auto", List.of("auto", "f32", "int8", "int4"));
    return name.equals("auto") ? null : Matrix.Format.valueOf(name.toUpperCase(Locale.ROOT));
  }

  private static Precision precision(Options options) {
    String name = options.choice("precision", "auto", List.of("auto", "f32", "bf16"));
    return Precision.valueOf(name.toUpperCase(Locale.ROOT));
  }

  private static OptionalLong size(Options options, String option) {
    if (!options.has(option)) {
      return OptionalLong.empty();
    }
    String text = options.text(option);
    Matcher matcher = SIZE.matcher(text.toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw options.bad(option, text, "a number of bytes such as 512m or 2g");
    }
    long unit =
        switch (matcher.group(2)) {
          case "k" -> 1L << 10;
          case "m" -> 1L << 20;
          case "g" -> 1L << 30;
          default -> 1;
        };
    long number = Long.parseLong(matcher.group(1));
    return OptionalLong.of(number > Long.MAX_VALUE / unit ? Long.MAX_VALUE : number * unit);
  }

  /** The option that the runtime and the trainer share. */
  static int threads(Options options) {
    return options.integer("threads", Runtime.getRuntime().availableProcessors(), 1, 1024);
  }
}
