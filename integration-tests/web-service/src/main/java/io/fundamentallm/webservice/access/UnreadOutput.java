package io.fundamentallm.webservice.access;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.epoll.EpollTcpInfo;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a connection whose client reads nothing of what is written to it, so that an answer which
 * nobody takes keeps no place from others. What lies in the buffers of the two systems counts as
 * read: only an answer that is larger can wait here. A client that reads slowly, but reads, goes
 * on: Linux says when it last sent something, which it does as soon as the client's system has room
 * again, long before it takes more from here. Used by the connection's own thread.
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

    /** Whether nothing was taken since then; more may have been added. */
    boolean isStill(Waiting before) {
      return first == before.first && progress == before.progress && bytes >= before.bytes;
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
    boolean still = looking && now.isStill(last) && !isSending(ctx.channel());
    same = still ? same + 1 : 0;
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

  /**
   * Whether the system has sent something since last looked at. What it sends again, because nobody
   * confirms it, does not count.
   */
  private boolean isSending(Channel channel) {
    if (!(channel instanceof EpollSocketChannel socket)) {
      return false; // other systems do not tell
    }
    try {
      EpollTcpInfo info = socket.tcpInfo();
      return info.retransmits() == 0 && info.lastDataSent() < time.toMillis() / LOOKS;
    } catch (ChannelException e) { // it was closed
      return false;
    }
  }
}
