//! A deterministic order of the steps.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};

/// Returns the nodes in an order that keeps every edge and otherwise goes by node index; `None` if there is
/// a cycle. Only what the graph is matters, not the order in which edges were inserted.
pub(super) fn by_index<N, E>(graph: &DiGraph<N, E>) -> Option<Vec<NodeIndex>> {
    let mut waits: Vec<usize> = graph
        .node_indices()
        .map(|node| graph.edges_directed(node, Direction::Incoming).count())
        .collect();
    let mut ready: BinaryHeap<Reverse<NodeIndex>> = graph
        .node_indices()
        .filter(|node| waits.get(node.index()) == Some(&0))
        .map(Reverse)
        .collect();
    let mut order = Vec::with_capacity(graph.node_count());
    while let Some(Reverse(node)) = ready.pop() {
        order.push(node);
        for next in graph.neighbors_directed(node, Direction::Outgoing) {
            if let Some(left) = waits.get_mut(next.index()) {
                *left -= 1;
                if *left == 0 {
                    ready.push(Reverse(next));
                }
            }
        }
    }
    (order.len() == graph.node_count()).then_some(order)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_order_keeps_every_edge_and_does_not_depend_on_insertion(
            n in 1_usize..12,
            mut edges in prop::collection::vec((0_u32..12, 0_u32..12), 0..30),
        ) {
            edges.retain(|(a, b)| a < b && (*b as usize) < n);
            let build = |edges: &[(u32, u32)]| {
                let mut graph = DiGraph::<(), ()>::new();
                for _ in 0..n { graph.add_node(()); }
                for (a, b) in edges { graph.add_edge((*b).into(), (*a).into(), ()); }
                by_index(&graph).unwrap()
            };
            let order = build(&edges);
            let at = |node: u32| order.iter().position(|x| x.index() == node as usize).unwrap();
            for (a, b) in &edges { prop_assert!(at(*b) < at(*a)); }
            edges.reverse();
            prop_assert_eq!(order, build(&edges));
        }
    }

    #[test]
    fn a_cycle_has_no_order() {
        let mut graph = DiGraph::<(), ()>::new();
        let (a, b) = (graph.add_node(()), graph.add_node(()));
        graph.add_edge(a, b, ());
        graph.add_edge(b, a, ());
        assert_eq!(by_index(&graph), None);
    }
}
