package com.example.plugins;

import io.fundamentallm.Decoders;
import io.fundamentallm.decoding.Decoder;
import io.fundamentallm.decoding.GeneratedSequence;
import io.fundamentallm.spi.DecoderProvider;
import io.fundamentallm.spi.Options;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The decoder {@code consensus(of=8)}: of 8 texts the one that has most words in common. */
public final class Consensus implements DecoderProvider {
  @Override
  public String name() {
    return "consensus";
  }

  @Override
  public Decoder create(Options options) {
    int of = options.integer("of", 8, 2, 1024);
    return Decoders.parse("sampling(n=" + of + ")").ranked(Consensus::byAgreement);
  }

  private static List<GeneratedSequence> byAgreement(List<GeneratedSequence> all) {
    Comparator<GeneratedSequence> byAgreement =
        Comparator.comparingDouble(a -> all.stream().mapToDouble(b -> overlap(a, b)).sum());
    return all.stream().sorted(byAgreement.reversed()).toList();
  }

  /** How many of both texts' words the other has as well, in [0, 1]. */
  private static double overlap(GeneratedSequence a, GeneratedSequence b) {
    Set<String> shared = words(a);
    shared.retainAll(words(b));
    return 2.0 * shared.size() / Math.max(1, words(a).size() + words(b).size());
  }

  private static Set<String> words(GeneratedSequence sequence) {
    return new HashSet<>(List.of(sequence.text().split("(?U)\\W+")));
  }
}
