package io.l4lb.demo.wire;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.http3.DefaultHttp3DataFrame;
import io.netty.handler.codec.http3.DefaultHttp3HeadersFrame;
import io.netty.handler.codec.http3.Http3;
import io.netty.handler.codec.http3.Http3DataFrame;
import io.netty.handler.codec.http3.Http3HeadersFrame;
import io.netty.handler.codec.http3.Http3RequestStreamInboundHandler;
import io.netty.handler.codec.http3.Http3ServerConnectionHandler;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A backend's HTTP/3 server, Netty's, whose connection IDs have its server ID. It answers a request with a line each tenth of a second, which
 * has its name and the client's L4 port as it is then, until a file is there that says that all shall end. The first line has the port of
 * the handshake, the last one is {@link #END}.
 *
 * <p>Arguments: name, server ID and key in hex, private key, certificate, the file, and pairs of address and L4 port. IPv4 addresses have
 * encrypted IDs, IPv6 addresses plain ones.
 */
final class QuicServerProgram {
    static final String END = "end";
    static final String LISTENS = "listens";
    private static final long LINE_MS = 100;
    private static final long IDLE_SECONDS = 20;
    private static final long CREDIT_BYTES = 1 << 20;
    private static final int STREAMS = 100;

    /** A server answers to each new address with another ID of the client's. */
    private static final int CLIENT_IDS = 8;

    private static final int FIXED_ARGUMENTS = 6;

    private final String name;
    private final byte[] serverId;
    private final byte[] key;
    private final QuicSslContext tls;
    private final Path finish;

    private QuicServerProgram(String[] arguments) {
        name = arguments[0];
        serverId = HexFormat.of().parseHex(arguments[1]);
        key = HexFormat.of().parseHex(arguments[2]);
        Path privateKey = Path.of(arguments[3]);
        tls = QuicSslContextBuilder.forServer(
                        privateKey.toFile(), null, Path.of(arguments[4]).toFile())
                .applicationProtocols(Http3.supportedApplicationProtocols())
                .build();
        finish = Path.of(arguments[5]);
    }

    /** Until it is ended from outside. */
    public static void main(String[] arguments) throws GeneralSecurityException, InterruptedException {
        QuicServerProgram program = new QuicServerProgram(arguments);
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        for (int at = FIXED_ARGUMENTS; at < arguments.length; at += 2) {
            InetSocketAddress address = new InetSocketAddress(arguments[at], Integer.parseInt(arguments[at + 1]));
            new Bootstrap()
                    .group(loop)
                    .channel(NioDatagramChannel.class)
                    .handler(program.codec(arguments[at].contains(":")))
                    .bind(address)
                    .sync();
        }
        System.out.println(LISTENS);
        loop.terminationFuture().sync();
    }

    private ChannelHandler codec(boolean plainIds) throws GeneralSecurityException {
        RoutableIds ids = plainIds ? RoutableIds.plain(serverId) : RoutableIds.encrypted(serverId, key);
        return Http3.newQuicServerCodecBuilder()
                .sslContext(tls)
                .connectionIdAddressGenerator(ids)
                .localConnectionIdLength(RoutableIds.LENGTH_BYTES)
                .maxIdleTimeout(IDLE_SECONDS, TimeUnit.SECONDS)
                .activeConnectionIdLimit(CLIENT_IDS)
                .initialMaxData(CREDIT_BYTES)
                .initialMaxStreamDataBidirectionalRemote(CREDIT_BYTES)
                .initialMaxStreamDataUnidirectional(CREDIT_BYTES)
                .initialMaxStreamsBidirectional(STREAMS)
                .initialMaxStreamsUnidirectional(STREAMS)
                .handler(new ChannelInitializer<QuicChannel>() {
                    @Override
                    protected void initChannel(QuicChannel connection) {
                        String firstLine = line(connection);
                        connection.pipeline().addLast(new Http3ServerConnectionHandler(requests(firstLine)));
                    }
                })
                .build();
    }

    private String line(QuicChannel connection) {
        return connection.remoteSocketAddress() instanceof InetSocketAddress client
                ? name + " " + client.getPort() + "\n"
                : ""; // it has just ended
    }

    private ChannelInitializer<QuicStreamChannel> requests(String firstLine) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(QuicStreamChannel stream) {
                stream.pipeline().addLast(new Lines(firstLine));
            }
        };
    }

    /** Of one request. */
    private final class Lines extends Http3RequestStreamInboundHandler {
        private final String firstLine;
        private Optional<Future<?>> clock = Optional.empty();

        private Lines(String firstLine) {
            this.firstLine = firstLine;
        }

        @Override
        protected void channelRead(ChannelHandlerContext context, Http3HeadersFrame frame) {
            ReferenceCountUtil.release(frame);
        }

        @Override
        protected void channelRead(ChannelHandlerContext context, Http3DataFrame frame) {
            ReferenceCountUtil.release(frame);
        }

        @Override
        protected void channelInputClosed(ChannelHandlerContext context) {
            DefaultHttp3HeadersFrame headers = new DefaultHttp3HeadersFrame();
            headers.headers().status("200");
            context.write(headers).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
            tell(context, firstLine).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
            clock = Optional.of(
                    context.executor().scheduleAtFixedRate(() -> tick(context), 0, LINE_MS, TimeUnit.MILLISECONDS));
        }

        private void tick(ChannelHandlerContext context) {
            String line = line((QuicChannel) context.channel().parent());
            if (Files.exists(finish)) {
                stop();
                tell(context, line + END + "\n").addListener(QuicStreamChannel.SHUTDOWN_OUTPUT);
            } else {
                tell(context, line).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
            }
        }

        private static ChannelFuture tell(ChannelHandlerContext context, String text) {
            return context.writeAndFlush(
                    new DefaultHttp3DataFrame(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII)));
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) throws Exception {
            stop();
            super.channelInactive(context);
        }

        private void stop() {
            clock.ifPresent(running -> running.cancel(false));
        }
    }
}
