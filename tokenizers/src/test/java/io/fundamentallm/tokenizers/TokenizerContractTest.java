package io.fundamentallm.tokenizers;

import io.fundamentallm.Tokenizers;
import io.fundamentallm.contract.TokenizerContract;
import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Nested;

class TokenizerContractTest {
  /** Its texts hold every character that the contract uses, so nothing is unknown. */
  abstract static class Kind extends TokenizerContract {
    private final String spec;

    Kind(String spec) {
      this.spec = spec;
    }

    @Override
    protected Tokenizer tokenizer() {
      return Tokenizers.learn(spec, "abcdefghijklmnopqrstuvwxyz<|>" + String.join("", texts()));
    }

    @Override
    protected Tokenizer reload(Path modelDirectory) throws IOException {
      return Tokenizers.load(modelDirectory);
    }
  }

  @Nested
  class Bytes extends Kind {
    Bytes() {
      super("byte");
    }
  }

  @Nested
  class BytesWithoutSpecialTokens extends Kind {
    BytesWithoutSpecialTokens() {
      super("byte(special=false)");
    }
  }

  @Nested
  class Characters extends Kind {
    Characters() {
      super("character");
    }
  }

  @Nested
  class CharactersWithAnUnknownToken extends Kind {
    CharactersWithAnUnknownToken() {
      super("character(unknown=unk)");
    }
  }

  @Nested
  class CharactersThatSkip extends Kind {
    CharactersThatSkip() {
      super("character(unknown=skip,special=false)");
    }
  }
}
