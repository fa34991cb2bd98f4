package io.fundamentallm.benchmarks.inference;

import de.kherud.llama.InferenceParameters;
import de.kherud.llama.LlamaIterator;
import de.kherud.llama.LlamaModel;
import de.kherud.llama.ModelParameters;
import de.kherud.llama.args.Sampler;
import io.fundamentallm.benchmarks.models.TokenText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * llama.cpp, as java-llama.cpp brings it: its server's loop, driven through the Java binding. So
 * llama.cpp chooses the tokens, by the cheapest of its samplers, and each of them passes from the
 * server's thread to the caller's, which was seen to cost nothing that can be measured.
 *
 * <p>It is built with OpenMP, whose threads no longer spin at its barriers, but sleep, as soon as
 * there are more of them in the process than processors; decoding was then seen to be three times
 * as slow. Each thread that computes brings its own. Therefore the usual run to warm up, which is
 * made by the thread that loads, is left out, and only one model at a time is open: there may be
 * one such engine in a process.
 *
 * <p>Flash attention is off: with it decoding was as fast, and reading a prompt a third slower.
 */
final class LlamaCppEngine implements Engine {
  /** The tokens of a session must fit: 512 of a prompt, or 256 after a short one. */
  private static final int CONTEXT = 640;

  private final Path file;
  private final int threads;
  private LlamaModel model;

  /** How many sessions share the context of the model that is open. */
  private int sessions = 1;

  private LlamaCppEngine(Path file, int threads) {
    this.file = file;
    this.threads = threads;
    this.model = new LlamaModel(parameters());
  }

  /** Loads a GGUF file, quietly unless {@code -Dllama.log=true}. */
  static LlamaCppEngine open(Path file, int threads) {
    setLibraryFolder();
    return new LlamaCppEngine(file, threads);
  }

  private ModelParameters parameters() {
    ModelParameters parameters =
        new ModelParameters()
            .setModel(file.toString())
            .setThreads(threads)
            .setThreadsBatch(threads)
            .setCtxSize(CONTEXT * sessions)
            .setBatchSize(512)
            .setUbatchSize(512)
            .setParallel(sessions)
            .skipWarmup()
            .disableMmap();
    return Boolean.getBoolean("llama.log") ? parameters : parameters.disableLog();
  }

  /** The model with room for so many sessions, loaded again if it was open for another number. */
  private LlamaModel model(int count) {
    if (count != sessions) {
      model.close();
      sessions = count;
      model = new LlamaModel(parameters());
    }
    return model;
  }

  /** It unpacks itself, and deletes whatever else has its name in the same folder. */
  private static void setLibraryFolder() {
    String property = "de.kherud.llama.tmpdir";
    if (System.getProperty(property) == null) {
      try {
        Path folder = Files.createTempDirectory("native");
        folder.toFile().deleteOnExit();
        System.setProperty(property, folder.toString());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static InferenceParameters request(int[] prompt, int tokens) {
    return new InferenceParameters(TokenText.of(prompt))
        .setNPredict(tokens)
        .setCachePrompt(false)
        .setIgnoreEos(true)
        .setSamplers(Sampler.TOP_K)
        .setTopK(1);
  }

  @Override
  public double prefill(int[] prompt) {
    LlamaModel single = model(1);
    int counted = single.encode(TokenText.of(prompt)).length;
    if (counted != prompt.length) {
      throw new IllegalStateException(
          "llama.cpp counts " + counted + " tokens in a prompt of " + prompt.length);
    }
    InferenceParameters request = request(prompt, 1);
    long start = System.nanoTime();
    LlamaIterator tokens = single.generate(request).iterator();
    tokens.next();
    double seconds = (System.nanoTime() - start) * 1e-9;
    exhaust(tokens);
    return seconds;
  }

  @Override
  public double decode(int[] prompt, int tokens) {
    return decode(new int[][] {prompt}, tokens);
  }

  /**
   * From the first tokens to the last, on one thread. Of several sessions the first may by then be
   * a step ahead of the others.
   */
  @Override
  public double decode(int[][] prompts, int tokens) {
    LlamaModel shared = model(prompts.length);
    List<LlamaIterator> outputs = new ArrayList<>();
    for (int[] prompt : prompts) {
      outputs.add(shared.generate(request(prompt, tokens)).iterator());
    }
    outputs.forEach(LlamaIterator::next);
    long start = System.nanoTime();
    for (int i = 1; i < tokens; i++) {
      for (LlamaIterator session : outputs) {
        if (!session.hasNext()) {
          throw new IllegalStateException("llama.cpp gave " + i + " tokens of " + tokens);
        }
        session.next();
      }
    }
    double seconds = (System.nanoTime() - start) * 1e-9;
    outputs.forEach(LlamaCppEngine::exhaust);
    return seconds / (tokens - 1) / prompts.length;
  }

  private static void exhaust(LlamaIterator tokens) {
    while (tokens.hasNext()) {
      tokens.next();
    }
  }

  @Override
  public int[] continuation(int[] prompt, int tokens) {
    return TokenText.tokens(model(1).complete(request(prompt, tokens)));
  }

  @Override
  public void close() {
    model.close();
  }
}
