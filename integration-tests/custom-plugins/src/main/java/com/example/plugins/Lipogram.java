package com.example.plugins;

import io.fundamentallm.decoding.Binding;
import io.fundamentallm.decoding.LogitsProcessor;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;
import io.fundamentallm.text.Tokenizer;
import java.util.BitSet;
import java.util.Locale;

/** The stage {@code lipogram=e}: writes without these letters wherever anything else is left. */
public final class Lipogram implements SamplerProvider {
  @Override
  public String name() {
    return "lipogram";
  }

  @Override
  public SamplerStage create(Options options) {
    String letters = options.text("value").toLowerCase(Locale.ROOT);
    return SamplerStage.processor(binding -> without(letters, binding));
  }

  private static LogitsProcessor without(String letters, Binding binding) {
    Tokenizer tokenizer = binding.requireTokenizer("lipogram");
    BitSet banned = new BitSet();
    for (int id = 0; id < tokenizer.vocabulary().size(); id++) {
      String text = tokenizer.decode(id).toLowerCase(Locale.ROOT);
      boolean special = tokenizer.vocabulary().special().contains(id);
      banned.set(id, !special && letters.chars().anyMatch(letter -> text.indexOf(letter) >= 0));
    }
    return step -> {
      step.logits().keepBest(); // in case every token is banned
      step.logits().retainIf(i -> !banned.get(step.logits().token(i)));
    };
  }
}
