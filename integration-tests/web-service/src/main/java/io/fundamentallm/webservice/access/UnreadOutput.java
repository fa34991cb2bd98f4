package io.fundamentallm.webservice.access;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a connection whose client reads nothing of what is written to it, so that an answer which
 * nobody takes keeps no place from others. What lies in the buffers of the two systems counts as
 * read: only an answer that is larger can wait here. A client that reads slowly, but reads, goes
 * on. Used by the connection's own thread.
 */
final class UnreadOutput extends ChannelOutboundHandlerAdapter {
  /** How often one looks within the time. */
  private static final int LOOKS = 5;

  private final Duration time;
  private final RareWarning unread;

  private boolean looking;

  /** What waited when last looked at, and how often it was the same. */
  private Waiting last = Waiting.NOTHING;

  private int same;

  /**
   * What is written at the moment, how many of its bytes were, and how many wait altogether.
   *
   * @param first an identity: a buffer itself may be used again
   */
  private record Waiting(int first, long progress, long bytes) {
    static final Waiting NOTHING = new Waiting(0, 0, 0);

    static Waiting of(@Nullable ChannelOutboundBuffer buffer) {
      Object first = buffer == null ? null : buffer.current();
      return first == null || buffer == null
          ? NOTHING
          : new Waiting(
              System.identityHashCode(first),
              buffer.currentProgress(),
              buffer.totalPendingWriteBytes());
    }
  }

  /**
   * Of one connection.
   *
   * @param time how long a client may read nothing
   * @param unread counts the connections that are cut
   */
  UnreadOutput(Duration time, RareWarning unread) {
    this.time = time;
    this.unread = unread;
  }

  @Override
  public void flush(ChannelHandlerContext ctx) {
    ctx.flush();
    if (!looking) {
      look(ctx);
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the channel tells what closes it
  private void look(ChannelHandlerContext ctx) {
    Waiting now = Waiting.of(ctx.channel().unsafe().outboundBuffer());
    looking = !now.equals(Waiting.NOTHING); // else the next flush looks again
    same = now.equals(last) ? same + 1 : 0;
    last = now;
    if (!looking) {
      return;
    }
    if (same >= LOOKS) {
      unread.count();
      // else the system would keep megabytes, and try for minutes to hand them over
      ctx.channel().config().setOption(ChannelOption.SO_LINGER, 0);
      ctx.close();
      return;
    }
    ctx.executor().schedule(() -> look(ctx), time.toNanos() / LOOKS, TimeUnit.NANOSECONDS);
  }
}
