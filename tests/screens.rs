//! Screens as text, at the sizes that matter.

#[path = "screens/fixtures.rs"]
mod fixtures;

use fixtures::*;

#[test]
fn look() {
    for (w, h) in [(80, 24), (120, 40), (40, 12), (200, 50)] {
        println!("{}", draw(&reader(w, h)));
    }
    let mut model = reader(80, 24);
    let effects = press(&mut model, "Enter");
    answer(&mut model, &effects, 20);
    println!("{}", draw(&model));
    press(&mut model, "O");
    println!("{}", draw(&model));
    press(&mut model, "Esc A");
    println!("{}", draw(&model));
    press(&mut model, "Esc 2");
    println!("{}", draw(&model));
    press(&mut model, "Esc g");
    println!("{}", draw(&model));
    let mut model = reader(80, 24);
    press(&mut model, "j d");
    println!("{}", draw(&model));
    let mut model = reader(80, 24);
    press(&mut model, "9 j j j j j j j j j j p");
    println!("{}", draw(&model));
}
