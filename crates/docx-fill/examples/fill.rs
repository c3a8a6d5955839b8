//! Fills an invoice from a Rust value: texts, a condition, rows of a table, a sum.

use docx_fill::Engine;
use serde::Serialize;

#[derive(Serialize)]
struct Invoice {
    number: u32,
    customer: Customer,
    reminder: bool,
    ordered: &'static str,
    items: Vec<Item>,
    sender: &'static str,
}

#[derive(Serialize)]
struct Customer {
    name: &'static str,
}

#[derive(Serialize)]
struct Item {
    name: &'static str,
    quantity: u32,
    price: &'static str,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let template = Engine::new().template(include_bytes!("templates/invoice.docx").as_slice())?;
    let items = vec![
        Item { name: "Paper", quantity: 3, price: "12.60" },
        Item { name: "Pens", quantity: 10, price: "7.90" },
    ];
    let customer = Customer { name: "Ada" };
    let (ordered, sender) = ("3 March", "The shop");
    let invoice = Invoice { number: 7, customer, reminder: false, ordered, items, sender };
    let docx = template.render(&invoice)?;
    std::fs::write(std::env::temp_dir().join("invoice-7.docx"), docx)?;
    Ok(())
}
