package io.fundamentallm.tokenizers.text;

import java.util.List;

/** One normalizer after the other. */
public final class Sequence implements Normalizer {
  private static final ScratchPool<TextBuffer[]> SPARES =
      new ScratchPool<>(() -> new TextBuffer[] {new TextBuffer(), new TextBuffer()});

  private final List<Normalizer> normalizers;

  public Sequence(List<Normalizer> normalizers) {
    this.normalizers = List.copyOf(normalizers);
  }

  @Override
  public boolean leaves(TextBuffer text) {
    for (Normalizer normalizer : normalizers) {
      if (!normalizer.leaves(text)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void normalize(TextBuffer in, TextBuffer out) {
    run(in, out, true);
  }

  @Override
  public void continueWith(TextBuffer in, TextBuffer out) {
    run(in, out, false);
  }

  @Override
  public boolean cuttable() {
    return normalizers.stream().allMatch(Normalizer::cuttable);
  }

  private void run(TextBuffer in, TextBuffer out, boolean begins) {
    TextBuffer[] spares = SPARES.acquire();
    TextBuffer text = in;
    int last = normalizers.size() - 1;
    for (int i = 0; i <= last; i++) {
      if (i < last && normalizers.get(i).leaves(text)) {
        continue;
      }
      TextBuffer next = i == last ? out : text == spares[0] ? spares[1] : spares[0];
      if (i < last) {
        next.clear(in.tracked());
      }
      next.limitGrowth(text);
      if (begins) {
        normalizers.get(i).normalize(text, next);
      } else {
        normalizers.get(i).continueWith(text, next);
      }
      text = next;
    }
    if (last < 0) {
      out.add(in, 0, in.length());
    }
    SPARES.release(spares);
  }
}
