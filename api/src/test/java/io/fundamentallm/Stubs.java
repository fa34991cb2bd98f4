package io.fundamentallm;

import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.decoding.Decoder;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.spi.DecoderProvider;
import io.fundamentallm.spi.LanguageModelProvider;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Range;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;
import io.fundamentallm.spi.Support;
import io.fundamentallm.spi.TokenizerProvider;
import io.fundamentallm.spi.TrainerProvider;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.training.Trainer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** Providers of the simplest kind, for tests of the lookup. */
public final class Stubs {
  private Stubs() {}

  /** A sampler stage that divides by a temperature, 1 unless given. */
  public record Temperature(String name, int priority) implements SamplerProvider {
    @Override
    public SamplerStage create(Options options) {
      float value = (float) options.real("value", 1, Range.greaterThan(0));
      return SamplerStage.processor(binding -> step -> step.logits().divide(value));
    }
  }

  /** A sampler stage that leaves one token. */
  public record Only() implements SamplerProvider {
    @Override
    public String name() {
      return "only";
    }

    @Override
    public SamplerStage create(Options options) {
      int token = options.integer("value", 0, Integer.MAX_VALUE);
      return SamplerStage.processor(
          binding -> step -> step.logits().retainIf(index -> step.logits().token(index) == token));
    }
  }

  /** A runtime that supports directories whose name it knows. */
  public record Toys(String name, int priority, String supported, Consumer<ToyModel> loaded)
      implements LanguageModelProvider {
    Toys(String name, int priority, String supported) {
      this(name, priority, supported, model -> {});
    }

    @Override
    public Support supports(Path directory) {
      return directory.endsWith(supported)
          ? Support.yes("it is named so")
          : Support.no("it is not named " + supported);
    }

    @Override
    public LanguageModel load(Path directory, Options options) throws IOException {
      int context = options.integer("context", 32, 1, 1024);
      if (directory.endsWith("broken")) {
        throw new IOException(directory + "/weights: the file ends at byte 12");
      }
      ToyModel model =
          new ToyModel(ToyModel.info(258, context).device(name).build(), ToyModel.hashing());
      loaded.accept(model);
      return model;
    }
  }

  /** A byte tokenizer for directories whose name it knows. */
  public record Bytes(String supported) implements TokenizerProvider {
    @Override
    public String name() {
      return "toy-bytes";
    }

    @Override
    public Support supports(Path path) {
      return path.endsWith(supported)
          ? Support.yes("it is named so")
          : Support.no("it is not named " + supported);
    }

    @Override
    public Tokenizer load(Path path, Options options) {
      return options.flag("special", true)
          ? ByteTokenizer.withBeginAndEnd()
          : ByteTokenizer.plain();
    }
  }

  /** A tokenizer that finds no files, whatever it says of the directory. */
  public record FilesOnly(String supported) implements TokenizerProvider {
    @Override
    public String name() {
      return "files-only";
    }

    @Override
    public Support supports(Path path) {
      return path.endsWith(supported) ? Support.yes("it is named so") : Support.no("it is not");
    }

    @Override
    public Tokenizer load(Path path, Options options) throws IOException {
      throw new IOException(path + ": there are no files");
    }
  }

  /** A decoder that is plain sampling. */
  public record Plain(String name) implements DecoderProvider {
    @Override
    public Decoder create(Options options) {
      options.integer("width", 1, 1, 100);
      options.real("length-penalty", 1, Range.closed(-10, 10));
      options.choice("early-stopping", "proven", List.of("true", "false", "proven"));
      options.flag("sample", false);
      return Decoders.sampling();
    }
  }

  /** A trainer that refuses, with its name. */
  public record NoTrainer(String name, int priority) implements TrainerProvider {
    @Override
    public Trainer create(Options options) {
      return (data, plan, cancellation, listeners) -> {
        throw new UnsupportedOperationException(name + " trains nothing");
      };
    }
  }
}
