// Owns: one MongoDB-protocol server for development, on a file. It announces the wire version that
// current drivers ask for, and an oplog so that change streams work. It never replaces a real
// MongoDB: no transactions, no expiry, and about a second of writes may be lost when it is killed.
//   java ConfigDbServer <host> <port> <file>
import de.bwaldvogel.mongo.MongoBackend;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import java.util.List;

public final class ConfigDbServer {
    /** What a server 4.4 would announce: the lowest wire version that the Node driver 7 accepts. */
    private static final class Announced implements MongoVersion {
        @Override
        public List<Integer> getVersionArray() {
            return List.of(4, 4, 0);
        }

        @Override
        public int getWireVersion() {
            return 9;
        }
    }

    public static void main(String[] arguments) {
        if (arguments.length != 3) {
            System.err.println("usage: ConfigDbServer <host> <port> <file>");
            System.exit(2);
        }
        MongoBackend backend = new H2Backend(arguments[2]).version(new Announced());
        MongoServer server = new MongoServer(backend);
        server.enableOplog();
        server.bind(arguments[0], Integer.parseInt(arguments[1]));
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
        System.out.println("listening on " + server.getLocalAddress());
    }
}
