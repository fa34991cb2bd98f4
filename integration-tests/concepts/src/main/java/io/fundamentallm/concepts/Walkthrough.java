package io.fundamentallm.concepts;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.TextScore;
import io.fundamentallm.TextScorer;
import io.fundamentallm.TokenScore;
import io.fundamentallm.decoding.Distribution;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.decoding.GenerationSummary;
import io.fundamentallm.decoding.Logits;
import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.PrefixCache;
import io.fundamentallm.model.Session;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.training.TrainingObjective;
import io.fundamentallm.training.TrainingPlan;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** The code of the page, in its order; prints what the page says that it prints. */
final class Walkthrough {
  private final Tokenizer tokenizer;
  private final LanguageModel model;
  private final TrainingPlan plan;
  private final PrintStream out;

  Walkthrough(Experiment experiment, PrintStream out) {
    this.tokenizer = experiment.tokenizer();
    this.model = experiment.model();
    this.plan = experiment.plan();
    this.out = out;
  }

  void run() {
    objective();
    size();
    surprisal();
    scheduledSampling();
    samplers();
    decoders();
    cache();
    sharing();
  }

  private void objective() {
    int begin = tokenizer.vocabulary().bos().orElseThrow();
    int[] text = tokenizer.encode("It is a truth");
    int[] tokens = IntStream.concat(IntStream.of(begin), IntStream.of(text)).toArray();
    float[][] logits = new float[tokens.length][tokenizer.vocabulary().size()];
    try (Session session = model.open()) {
      session.append(tokens, logits); // one pass; a row of scores after each token
    }
    double nats = 0;
    for (int i = 0; i + 1 < tokens.length; i++) {
      Distribution next = Distribution.softmax(Logits.of(logits[i]));
      nats -= Math.log(next.probability(tokens[i + 1])); // the target is the token that follows
    }
    TextScore score = TextScorer.of(tokenizer, model).score("It is a truth");
    out.println(Arrays.toString(tokens));
    out.printf("%.4f nats by hand, %.4f by TextScorer%n", nats, -score.logProbability());
  }

  private void size() {
    out.println(model.info().parameters() + " weights");
  }

  private void surprisal() {
    TextScore score = TextScorer.of(tokenizer, model).score("Elizabeth was delighted");
    out.printf(
        "perplexity %.2f, %.2f bits per token, %.2f bits per byte%n",
        score.perplexity(), score.bitsPerToken(), score.bitsPerByte());
    for (TokenScore token : score.tokens().subList(13, 17)) {
      out.printf(
          "'%s' %.2f bits, %.2f expected, rank %d%n",
          tokenizer.decode(token.token()), token.surprisal(), token.entropy(), token.rank());
    }
  }

  private void scheduledSampling() {
    TrainingObjective mixed =
        TrainingObjective.MAXIMUM_LIKELIHOOD.withScheduledSampling("linear(max=0.25)");
    TrainingPlan sampled = plan.toBuilder().objective(mixed).build();
    out.println(sampled.objective().scheduledSampling() + " instead of none");
  }

  private void samplers() {
    TextGenerator generator = TextGenerator.of(tokenizer, model).withMaxNewTokens(46).withSeed(7);
    for (String sampler :
        List.of("greedy", "draw", "temperature=0.5", "top-p=0.8", "min-p=0.2", "mirostat(tau=2)")) {
      String text = generator.withSampler(sampler).generate("Elizabeth was ");
      out.println(sampler + ": " + text.replace('\n', ' ').strip());
    }
  }

  private void decoders() {
    TextGenerator generator = TextGenerator.of(tokenizer, model).withMaxNewTokens(46).withSeed(7);
    for (String decoder : List.of("beam(width=4)", "contrastive(k=4,alpha=0.3)")) {
      String text = generator.withDecoder(decoder).generate("Elizabeth was ");
      out.println(decoder + ": " + text.replace('\n', ' ').strip());
    }
    String plain = generator.generate("Elizabeth was ");
    String guessed = generator.withDecoder("speculative").generate("Elizabeth was ");
    out.println("speculative: the same text as sampling: " + guessed.equals(plain));
  }

  private void cache() {
    float[] row = new float[model.info().vocabularySize()];
    float[] another = new float[model.info().vocabularySize()];
    try (Session session = model.open()) {
      session.append(tokenizer.encode("It is a "), row); // prefill: many tokens, one row of scores
      session.append(tokenizer.encode("t"), row); // decode: one token, one row
      session.truncate(8); // forgets the "t" again
      try (Session fork = session.fork()) { // shares "It is a " and copies nothing
        model.forward(
            List.of(
                Append.of(session, tokenizer.encode("truth"), row),
                Append.of(fork, tokenizer.encode("wife"), another)), // one pass for both
            Cancellation.none());
        out.println(session.length() + " and " + fork.length() + " tokens");
      }
    }
  }

  private void sharing() {
    TextGenerator generator = TextGenerator.of(tokenizer, model).withMaxNewTokens(20).withSeed(7);
    try (PrefixCache prompts = PrefixCache.of(1 << 20)) { // bytes
      TextGenerator cached = generator.with(options -> options.prefixCache(prompts));
      for (String name : List.of("Bennet", "Darcy", "Bingley")) {
        Generation generation = cached.tokens("My dear Mr. " + name + ", said ");
        generation.text();
        GenerationSummary summary = generation.summary();
        out.printf("%d of %d cached%n", summary.cachedTokens(), summary.promptTokens());
      }
    }
  }
}
