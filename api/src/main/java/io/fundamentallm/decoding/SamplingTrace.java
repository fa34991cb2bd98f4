package io.fundamentallm.decoding;

import java.util.List;

/**
 * Receives, token by token, what each stage of the sampler did; see {@link
 * DecodingOptions#trace()}.
 */
@FunctionalInterface
public interface SamplingTrace {
  /**
   * A token was chosen. Called by the thread that decodes.
   *
   * @param position its index in the history
   * @param token its id
   * @param stages in the order they ran; empty if the token was certain without them
   */
  void onToken(long position, int token, List<StageTrace> stages);
}
