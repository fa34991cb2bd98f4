package io.fundamentallm.samplers.decode;

import io.fundamentallm.decoding.ContextWindow;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.FinishReason;
import io.fundamentallm.decoding.GeneratedSequence;
import io.fundamentallm.decoding.Randomness;
import io.fundamentallm.decoding.SearchSource;
import io.fundamentallm.decoding.Transcript;
import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.model.NoTokenException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Searches when the first token is requested, then delivers the best sequence. */
final class BeamSource extends SearchSource {
  private static final float[][] NO_ROWS = {};

  private final LanguageModel model;
  private final BeamDecoder settings;

  /** The prompt. */
  private final Beam root;

  private final HammingDiversity diversity;
  private final List<BeamGroup> groups = new ArrayList<>();
  private final List<Append> pass = new ArrayList<>();
  private final List<ContextWindow> reading = new ArrayList<>();

  BeamSource(
      LanguageModel model, int[] prompt, DecodingOptions options, BeamDecoder settings, long seed) {
    this.model = model;
    this.settings = settings;
    ModelInfo info = model.info();
    Randomness randomness = new Randomness(seed, options.sequence());
    Transcript transcript = Transcript.begin(info, prompt, options, randomness);
    root = new Beam(transcript, ContextWindow.of(model, options), 0);
    root.window().add(prompt);
    diversity = new HammingDiversity(settings.diversityPenalty(), info.vocabularySize());
    int width = settings.width() / settings.groups();
    int count = candidates(width, info, options);
    for (int group = 0; group < settings.groups(); group++) {
      Candidates candidates =
          settings.sample()
              ? new DrawnCandidates(count, randomness, group)
              : new BestCandidates(count);
      Hypotheses hypotheses =
          new Hypotheses(
              width, settings.lengthPenalty(), settings.earlyStopping(), options.maxNewTokens());
      groups.add(new BeamGroup(width, info.vocabularySize(), candidates, diversity, hypotheses));
    }
  }

  /** Enough to leave {@code width} even if each hypothesis could end with every end token. */
  private static int candidates(int width, ModelInfo info, DecodingOptions options) {
    Set<Integer> ends = new HashSet<>(options.stopTokens());
    ends.addAll(info.endTokens());
    return Math.multiplyExact(width, Math.max(2, 1 + ends.size()));
  }

  @Override
  protected List<GeneratedSequence> search(Cancellation cancellation) {
    if (root.transcript().endsBeforeItBegins() || !begin(cancellation)) {
      return List.of(root.transcript().toSequence(Double.NaN));
    }
    while (true) {
      cancellation.throwIfCancelled();
      groups.forEach(BeamGroup::step);
      diversity.reset();
      pass.clear();
      reading.clear();
      groups.forEach(group -> group.prepare(pass, reading));
      if (groups.stream().allMatch(BeamGroup::isOver)) {
        return best();
      }
      if (!pass.isEmpty()) {
        model.forward(pass, cancellation);
        reading.forEach(ContextWindow::appended);
      }
    }
  }

  /** Reads the prompt; false if the context policy does not allow it. */
  private boolean begin(Cancellation cancellation) {
    float[][] row = new float[1][model.info().vocabularySize()];
    if (!root.window().read(row, NO_ROWS, cancellation)) {
      root.transcript().finish(FinishReason.CONTEXT_FULL);
      return false;
    }
    root.window().share();
    for (BeamGroup group : groups) {
      group.begin(root.fork(), row[0]);
    }
    root.window().close();
    return true;
  }

  private List<GeneratedSequence> best() {
    List<GeneratedSequence> best =
        groups.stream()
            .flatMap(group -> group.hypotheses().kept().stream())
            .sorted(Comparator.comparingDouble(Hypotheses.Finished::score).reversed())
            .limit(settings.n())
            .map(finished -> finished.transcript().toSequence(finished.score()))
            .toList();
    if (best.isEmpty()) {
      throw new NoTokenException(
          "no hypothesis of the beam can continue: every token that could follow one of them is"
              + " filtered or has a logit of -infinity");
    }
    return best;
  }

  @Override
  public int cachedTokens() {
    return root.window().cachedTokens();
  }

  @Override
  public void close() {
    root.window().close();
    groups.forEach(BeamGroup::close);
  }
}
