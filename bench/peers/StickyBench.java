// Owns: Apache Kafka's sticky assignor on inputs of the benchmarks, in one of two ways.
//   assign  its algorithm alone, on members that are decoded already
//   lead    all that the leader of a consumer group does with it, as ConsumerCoordinator does: the members'
//           subscriptions are decoded, StickyAssignor.assign, the assignments are encoded
// java -cp <jars and classes> StickyBench <assign|lead> <job> <answer>
//
// Job, big-endian ints: P, warm-up ms, timed ms, runs at least, instances at first, ranges, as often
// (from, to, owner), changes, as often the number of instances after the change.
// Answer: for each change the owner of each partition. Standard output: one JSON object with the
// milliseconds of each change, medians over the runs of the whole sequence.
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Assignment;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.GroupSubscription;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.StickyAssignor;
import org.apache.kafka.clients.consumer.internals.AbstractStickyAssignor;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.AppInfoParser;

public final class StickyBench {
    private static final String TOPIC = "messages";
    private static final int RUNS_MAX = 51;

    /** Reads what a member owns as the cooperative assignor does: from its subscription. */
    private static final class Sticky extends AbstractStickyAssignor {
        @Override
        public String name() {
            return "sticky";
        }

        @Override
        protected MemberData memberData(Subscription subscription) {
            return new MemberData(subscription.ownedPartitions(), subscription.generationId());
        }
    }

    /** Answers a change: what each member owns → what it shall own, and how long that took. */
    private interface Player {
        Timed play(List<List<TopicPartition>> owned, int members);
    }

    private record Timed(Map<String, List<TopicPartition>> answer, double ms) {}

    /** What each change answered, and how long it took. */
    private record Round(List<Map<String, List<TopicPartition>>> answers, double[] ms) {}

    public static void main(String[] arguments) throws IOException {
        int partitions;
        int warmUpMs;
        int timedMs;
        int runsMin;
        List<List<TopicPartition>> owned;
        int[] changes;
        try (var in = new DataInputStream(new BufferedInputStream(Files.newInputStream(Path.of(arguments[1]))))) {
            partitions = in.readInt();
            warmUpMs = in.readInt();
            timedMs = in.readInt();
            runsMin = in.readInt();
            owned = new ArrayList<>();
            for (int i = in.readInt(); i > 0; i--) owned.add(new ArrayList<>());
            for (int ranges = in.readInt(); ranges > 0; ranges--) {
                int from = in.readInt();
                int to = in.readInt();
                List<TopicPartition> of = owned.get(in.readInt());
                for (int p = from; p <= to; p++) of.add(new TopicPartition(TOPIC, p));
            }
            changes = new int[in.readInt()];
            for (int i = 0; i < changes.length; i++) changes[i] = in.readInt();
        }
        List<PartitionInfo> infos = new ArrayList<>();
        for (int p = 0; p < partitions; p++) {
            infos.add(new PartitionInfo(TOPIC, p, Node.noNode(), new Node[0], new Node[0]));
        }
        Player player = arguments[0].equals("lead") ? leader(infos) : assignor(infos);
        Round last = null;
        long warmUpEnds = System.nanoTime() + warmUpMs * 1_000_000L;
        while (warmUpMs > 0 && System.nanoTime() < warmUpEnds) last = play(player, owned, changes);
        List<double[]> runs = new ArrayList<>();
        long ends = System.nanoTime() + timedMs * 1_000_000L;
        while (runs.size() < runsMin || (System.nanoTime() < ends && runs.size() < RUNS_MAX)) {
            last = play(player, owned, changes);
            runs.add(last.ms());
        }
        write(Path.of(arguments[2]), last, partitions);
        String ms = java.util.stream.IntStream.range(0, changes.length)
                .mapToObj(i -> Double.toString(median(runs.stream().mapToDouble(run -> run[i]).toArray())))
                .collect(Collectors.joining(","));
        System.out.printf(
                "{\"version\":\"%s\",\"java\":\"%s\",\"runs\":%d,\"ms\":[%s]}%n",
                AppInfoParser.getVersion(), System.getProperty("java.version"), runs.size(), ms);
    }

    private static Round play(Player player, List<List<TopicPartition>> first, int[] changes) {
        List<Map<String, List<TopicPartition>>> answers = new ArrayList<>();
        double[] ms = new double[changes.length];
        List<List<TopicPartition>> owned = first;
        for (int i = 0; i < changes.length; i++) {
            Timed one = player.play(owned, changes[i]);
            ms[i] = one.ms();
            answers.add(one.answer());
            owned = new ArrayList<>();
            for (int ordinal = 0; ordinal < changes[i]; ordinal++) owned.add(one.answer().get(nameOf(ordinal)));
        }
        return new Round(answers, ms);
    }

    private static Player assignor(List<PartitionInfo> infos) {
        Map<String, List<PartitionInfo>> topics = Map.of(TOPIC, infos);
        return (owned, count) -> {
            var members = new HashMap<String, Subscription>();
            for (int ordinal = 0; ordinal < count; ordinal++) {
                List<TopicPartition> own = ordinal < owned.size() ? owned.get(ordinal) : List.of();
                members.put(nameOf(ordinal), new Subscription(List.of(TOPIC), null, own, 1, Optional.empty()));
            }
            var assignor = new Sticky();
            long started = System.nanoTime();
            Map<String, List<TopicPartition>> answer = assignor.assignPartitions(topics, members);
            return new Timed(answer, (System.nanoTime() - started) / 1e6);
        };
    }

    private static Player leader(List<PartitionInfo> infos) {
        var cluster = new Cluster("bench", List.of(Node.noNode()), infos, Set.of(), Set.of());
        return (owned, count) -> {
            // What members send when they join again: the assignor's protocol is eager, so they own nothing
            // just then, and what they had is in the user data.
            var joined = new HashMap<String, ByteBuffer>();
            for (int ordinal = 0; ordinal < count; ordinal++) {
                List<TopicPartition> own = ordinal < owned.size() ? owned.get(ordinal) : List.of();
                joined.put(nameOf(ordinal), ConsumerProtocol.serializeSubscription(subscriptionOf(own)));
            }
            long started = System.nanoTime();
            var members = new HashMap<String, Subscription>();
            joined.forEach((name, bytes) -> members.put(name, ConsumerProtocol.deserializeSubscription(bytes)));
            var answer = new StickyAssignor().assign(cluster, new GroupSubscription(members)).groupAssignment();
            var encoded = new HashMap<String, ByteBuffer>();
            answer.forEach((name, own) -> encoded.put(name, ConsumerProtocol.serializeAssignment(own)));
            double ms = (System.nanoTime() - started) / 1e6;
            if (encoded.size() != count) throw new IllegalStateException("a member without an assignment");
            return new Timed(partitionsOf(answer), ms);
        };
    }

    private static Subscription subscriptionOf(List<TopicPartition> own) {
        var member = new StickyAssignor();
        if (!own.isEmpty()) {
            var metadata = new ConsumerGroupMetadata("bench", 1, "member", Optional.empty());
            member.onAssignment(new Assignment(own), metadata);
        }
        ByteBuffer userData = member.subscriptionUserData(Set.of(TOPIC));
        return new Subscription(List.of(TOPIC), userData, List.of(), 1, Optional.empty());
    }

    private static Map<String, List<TopicPartition>> partitionsOf(Map<String, Assignment> answer) {
        var partitions = new HashMap<String, List<TopicPartition>>();
        answer.forEach((name, own) -> partitions.put(name, own.partitions()));
        return partitions;
    }

    private static void write(Path file, Round round, int partitions) throws IOException {
        try (var out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
            for (Map<String, List<TopicPartition>> answer : round.answers()) {
                int[] owners = new int[partitions];
                Arrays.fill(owners, -1);
                answer.forEach((name, own) -> {
                    int ordinal = Integer.parseInt(name.substring(name.lastIndexOf('-') + 1));
                    for (TopicPartition partition : own) owners[partition.partition()] = ordinal;
                });
                for (int owner : owners) out.writeInt(owner);
            }
        }
    }

    private static String nameOf(int ordinal) {
        return "instance-" + ordinal;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
