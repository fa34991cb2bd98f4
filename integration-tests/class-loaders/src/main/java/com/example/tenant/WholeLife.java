package com.example.tenant;

import io.fundamentallm.TextEmbedder;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.TextScorer;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.Trainers;
import io.fundamentallm.model.Spec;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

/**
 * Trains, writes in every way and measures, and closes what it opened: all that may leave traces.
 */
public final class WholeLife implements Callable<List<String>> {
  private static final String TEXT = "It is a truth universally acknowledged. ".repeat(20);

  private final Path model;

  /** Writes its model into this directory. */
  public WholeLife(Path model) {
    this.model = model;
  }

  @Override
  public List<String> call() throws IOException {
    Tokenizer tokenizer = Tokenizers.learn("bpe(vocab-size=300)", TEXT);
    TrainingPlan plan =
        TrainingPlan.builder(model)
            .architecture("gpt2(layers=1,heads=2,hidden-size=32)")
            .contextLength(64)
            .batchSize(2)
            .steps(3)
            .build();
    Trainers.configured().train(TrainingData.ofText(tokenizer, TEXT, 0.9), plan);
    try (TextGenerator generator = TextGenerator.load(model)) {
      return write(generator.withSeed(7).withMaxNewTokens(12));
    }
  }

  private List<String> write(TextGenerator generator) {
    List<String> texts = new ArrayList<>(generator.generateAll(List.of("It", "is", "a")));
    String draft = "speculative(draft=" + Spec.quoted(model.toString()) + ")";
    for (String decoder : List.of("sampling(n=2)", "beam(width=2)", "contrastive", draft)) {
      texts.add(generator.withDecoder(decoder).generate("It is"));
    }
    for (String sampler : List.of("json", "regex=\"[a-z ]+\"", "lipogram=e", "mirostat")) {
      texts.add(generator.withSampler(sampler).generate("It is"));
    }
    try (Stream<String> pieces = generator.stream("It is")) {
      texts.add(String.join("", pieces.toList()));
    }
    texts.add(TextScorer.of(generator.tokenizer(), generator.model()).score("It is") + "");
    texts.add(TextEmbedder.of(generator.tokenizer(), generator.model()).embed("It").length + "");
    return texts;
  }
}
