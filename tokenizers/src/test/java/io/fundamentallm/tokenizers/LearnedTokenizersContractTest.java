package io.fundamentallm.tokenizers;

import io.fundamentallm.Tokenizers;
import io.fundamentallm.contract.TokenizerContract;
import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;

class LearnedTokenizersContractTest {
  /** By spec: nothing changes a tokenizer, so that all tests of a kind can have the same. */
  private static final Map<String, Tokenizer> LEARNED = new HashMap<>();

  private abstract static class Learned extends TokenizerContract {
    private final String spec;

    Learned(String spec) {
      this.spec = spec;
    }

    @Override
    protected Tokenizer tokenizer() {
      return LEARNED.computeIfAbsent(spec, this::learn);
    }

    private Tokenizer learn(String spec) {
      List<String> learned = new ArrayList<>(LearnedKinds.TEXTS);
      learned.addAll(texts());
      return Tokenizers.learn(spec, learned, LearnedKinds.REGISTRY);
    }

    @Override
    protected Tokenizer reload(Path modelDirectory) throws IOException {
      return Tokenizers.load(modelDirectory, LearnedKinds.REGISTRY);
    }
  }

  @Nested
  class Bpe extends Learned {
    Bpe() {
      super("bpe(vocab-size=300)");
    }
  }

  @Nested
  class BpeOfAPatternWithoutSpecialTokens extends Learned {
    BpeOfAPatternWithoutSpecialTokens() {
      super("bpe(vocab-size=300,pattern=o200k,special=false)");
    }
  }

  @Nested
  class BpeWithByteFallback extends Learned {
    BpeWithByteFallback() {
      super("bpe(vocab-size=380,byte-level=false,limit-alphabet=60)");
    }

    @Override
    protected boolean bytesAreTheText() {
      return false;
    }
  }

  @Nested
  class BpeWithAnUnknownToken extends Learned {
    BpeWithAnUnknownToken() {
      super("bpe(vocab-size=200,byte-level=false,byte-fallback=false)");
    }

    @Override
    protected boolean bytesAreTheText() {
      return false;
    }

    @Override
    protected boolean encodesEveryText() {
      return false;
    }
  }

  @Nested
  class Unigram extends Learned {
    Unigram() {
      super("unigram(vocab-size=150)");
    }

    @Override
    protected List<String> texts() {
      return List.of(
          "",
          "a",
          "It is a truth universally acknowledged.",
          "na\u00EFve caf\u00E9",
          "\u041F\u0440\u0438\u0432\u0435\u0442, \u65E5\u672C\u8A9E",
          "newest lowest widest 0123456789".repeat(20));
    }

    @Override
    protected boolean bytesAreTheText() {
      return false;
    }

    @Override
    protected boolean encodesEveryText() {
      return false;
    }
  }

  @Nested
  class WordPiece extends Learned {
    WordPiece() {
      super("wordpiece(vocab-size=200)");
    }

    @Override
    protected List<String> texts() {
      return List.of(
          "",
          "a",
          "it is a truth universally acknowledged.",
          "\u043F\u0440\u0438\u0432\u0435\u0442, \u65E5 \u672C \u8A9E",
          "newest lowest widest 0123456789 ".repeat(20).strip());
    }

    @Override
    protected boolean bytesAreTheText() {
      return false;
    }

    @Override
    protected boolean encodesEveryText() {
      return false;
    }
  }
}
